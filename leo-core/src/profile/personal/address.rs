//! Postal addresses, by the words that streets are called by.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::fold::fold_into;

/// Words after the name of a street.
static AFTER: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "street st road rd avenue ave av lane ln boulevard blvd drive dr way court ct place pl square sq terrace highway hwy \
    parkway pkwy close crescent cres circle cir trail grove gardens mews row walk alley plaza loop turnpike expressway \
    crossing junction ridge sokak caddesi utca ut ter gata gate vei katu iela gatve marg nagar"
        .split_ascii_whitespace()
        .collect()
});
/// Words before the name of a street.
static BEFORE: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "rue avenue boulevard chemin allee impasse quai route calle c/ carrera avenida avda paseo plaza via viale piazza corso \
    vicolo largo rua r travessa praca av ulica ul ulitsa prospekt aleja strada bulevardul jalan jl strasse am im zum zur"
        .split_ascii_whitespace()
        .collect()
});
/// Endings of the names of streets in one word.
const ENDINGS: &str = "strasse str weg allee platz gasse ring damm ufer steig straat laan plein kade gracht dijk singel gatan gata vagen vag \
    grand veien vegen vei gaten gade vej stien katu tie kuja polku stigen torget backen";

/// How a text reads as an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Address {
    /// A number and words, or words of a street without a number.
    Likely,
    /// A street by one of its words, and a number.
    Evident,
}

/// Reads `text` as a postal address; `None` when nothing speaks for it. `word` is room to work in.
pub(super) fn address(text: &str, word: &mut String) -> Option<Address> {
    let text = text.trim();
    if !(5..=160).contains(&text.len()) {
        return None;
    }
    let (mut number, mut words, mut first_is_number) = (false, 0, false);
    // Whether a word of a street was seen, by where it stands to the name.
    let (mut after, mut before, mut ending) = (false, None, false);
    let (mut after_number, mut since_number) = (false, None::<usize>);
    for (at, part) in text.split([' ', ',', '\n', ';']).filter(|part| !part.is_empty()).enumerate() {
        if at > 15 {
            return None;
        }
        if is_house_number(part) {
            number = true;
            since_number = Some(0);
            first_is_number |= at == 0;
            continue;
        }
        if !part.chars().next().is_some_and(char::is_alphabetic) {
            continue;
        }
        fold_into(part, word);
        let is = |list: &HashSet<&str>| list.contains(word.as_str());
        after |= words > 0 && is(&AFTER);
        // Further away it belongs to something else.
        after_number |= since_number.is_some_and(|words| (1..=4).contains(&words)) && is(&AFTER);
        since_number = since_number.map(|words| words + 1);
        if words == 0 && is(&BEFORE) {
            before = Some(at);
        }
        ending |= ENDINGS.split_ascii_whitespace().any(|ending| word.len() > ending.len() + 2 && word.ends_with(ending));
        words += 1;
    }
    let is_box =
        text.len() < 30 && ["po box", "p.o. box", "postfach", "apartado", "casilla"].iter().any(|start| starts(text, start));
    let named = before.is_some() && words > 1;
    if number && (after_number || named || ending) || is_box {
        Some(Address::Evident)
    } else if after
        || ending
        || named
        || number && first_is_number && (1..=8).contains(&words)
        || number && words > 0 && words < 6
    {
        Some(Address::Likely)
    } else {
        None
    }
}

fn starts(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// `12`, `12b`, `12-14`, `12/3`, `#12`.
fn is_house_number(part: &str) -> bool {
    let part = part.trim_start_matches('#').trim_end_matches('.');
    let digits = part.bytes().take_while(u8::is_ascii_digit).count();
    let rest = part.get(digits..).unwrap_or_default();
    (1..=6).contains(&digits)
        && (rest.len() <= 1 && rest.bytes().all(|byte| byte.is_ascii_alphabetic())
            || rest.len() <= 6 && rest.starts_with(['-', '/']) && rest.bytes().skip(1).all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn streets_are_recognised() {
        let read = |text: &str| address(text, &mut String::new());
        for (text, expected) in [
            ("29 Hornsey Road", Some(Address::Evident)),
            ("1600 Pennsylvania Ave NW, Washington", Some(Address::Evident)),
            ("Hauptstraße 12a, 10115 Berlin", Some(Address::Evident)),
            ("12 rue de la Paix", Some(Address::Evident)),
            ("Calle Mayor 3", Some(Address::Evident)),
            ("Storgatan 5", Some(Address::Evident)),
            ("P.O. Box 123", Some(Address::Evident)),
            ("Baker Street", Some(Address::Likely)),
            ("42 Somewhere", Some(Address::Likely)),
            ("Berlin", None),
            ("415-555-2671", None),
            ("", None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,60}", street in "[0-9]{1,7}[a-z/-]{0,3} [A-Za-zß ]{0,40}") {
            let _ = (address(&text, &mut String::new()), address(&street, &mut String::new()));
        }
    }
}
