//! Addresses of computers and their users.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Whether the text is an e-mail address, several of them, or one with a name before it.
pub(super) fn is_email(text: &str) -> bool {
    let text = text.trim();
    if !text.contains('@') {
        return false;
    }
    let named = text.strip_suffix('>').and_then(|text| text.split_once('<')).map(|(_, address)| address);
    let text = named.unwrap_or(text.strip_prefix("mailto:").unwrap_or(text));
    text.split([',', ';']).map(str::trim).all(is_mailbox)
}

/// Whether the text is one e-mail address: local part, `@`, host with a top-level domain of letters.
pub(super) fn is_mailbox(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let allowed = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    (1..=64).contains(&local.len())
        && local.chars().all(allowed)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && host.contains('.')
        && host.split('.').all(is_label)
        && last.chars().count() >= 2
        && (last.chars().all(char::is_alphabetic) || last.starts_with("xn--"))
}

/// How a text reads as an address of the internet protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ip {
    /// What cannot well be anything else.
    Address,
    /// Four small numbers, which could be a version.
    Small,
}

/// An address, with or without the length of its network or a port.
pub(super) fn ip(text: &str) -> Option<Ip> {
    let text = text.trim();
    if !(3..=49).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:/%[]".contains(&byte)) {
        return None;
    }
    let host = text.split_once('/').map_or(text, |(host, _)| host);
    if let Ok(address) = host.split_once(':').map_or(host, |(host, _)| host).parse::<Ipv4Addr>() {
        let large = address.octets().iter().any(|octet| *octet >= 64);
        return Some(if large { Ip::Address } else { Ip::Small });
    }
    let host = host.trim_start_matches('[').split([']', '%']).next().unwrap_or_default();
    // A time such as `1::` is a rare way to write one.
    (host.len() >= 6 && host.parse::<Ipv6Addr>().is_ok()).then_some(Ip::Address)
}

/// Whether the text is the address of a network card: six pairs of hexadecimal digits, or three groups of four.
pub(super) fn is_mac(text: &str) -> bool {
    let text = text.trim();
    let groups = |separator, count, size| {
        text.split(separator).filter(|group| group.len() == size && group.bytes().all(|byte| byte.is_ascii_hexdigit())).count()
            == count
            && text.split(separator).count() == count
    };
    match text.len() {
        17 => groups(':', 6, 2) || groups('-', 6, 2),
        14 => groups('.', 3, 4),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_are_recognised() {
        for email in
            ["ann@x.org", "Ann Lee <ann.lee+shop@mail.example.co.uk>", "a@b.co; c@d.co", "jürgen@müller.de", "o'neil@x.io"]
        {
            assert!(is_email(email), "{email}");
        }
        for other in ["ann@x", "@x.org", "ann@", "ann at x.org", "a@b@c", "see ann@x.org for it", "@handle", "1.5@2.5", ".a@b.co"]
        {
            assert!(!is_email(other), "{other}");
        }
        assert_eq!(ip("207.155.150.156"), Some(Ip::Address));
        assert_eq!(ip("d80:e4b5:79da:6cf6:71f3:51f7:9161:c319"), Some(Ip::Address));
        assert_eq!(
            (ip("10.0.0.0/8"), ip("192.168.0.1:80"), ip("[fe80::1]")),
            (Some(Ip::Small), Some(Ip::Address), Some(Ip::Address))
        );
        assert_eq!(
            (ip("1.2.3.4"), ip("1.2.3"), ip("256.1.1.1"), ip("12:34:56"), ip("abc")),
            (Some(Ip::Small), None, None, None, None)
        );
        assert!(is_mac("00:1A:2b:3c:4D:5e") && is_mac("00-1a-2b-3c-4d-5e") && is_mac("001a.2b3c.4d5e"));
        assert!(!is_mac("00:1A:2b:3c:4D") && !is_mac("2024-01-02 10:00:0") && !is_mac("00:1A:2b:3c:4D:5g"));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in ".{0,60}") {
            let _ = (is_email(&text), ip(&text), is_mac(&text));
        }
    }
}
