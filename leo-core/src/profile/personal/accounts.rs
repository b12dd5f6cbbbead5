//! Numbers of payment cards and bank accounts.

use super::checksum::{luhn, mod_97, number};
use super::compact::Compact;

/// A payment card's number: an issuer's range and length, and Luhn's check digit.
pub(super) fn is_card(text: &Compact) -> bool {
    let Some(digits) = text.digits().filter(|digits| (12..=19).contains(&digits.len())) else { return false };
    if text.plus || text.parentheses || text.has(b'.') || text.has(b'/') || !matches!(text.groups().len(), 1 | 3..=5) {
        return false;
    }
    let prefix = |length: usize| number(digits, 0..length).unwrap_or(0);
    let length = digits.len();
    let issued = match prefix(4) {
        // Visa.
        4_000..=4_999 => matches!(length, 13 | 16 | 19),
        // Mastercard.
        5_100..=5_599 | 2_221..=2_720 => length == 16,
        // American Express.
        3_400..=3_499 | 3_700..=3_799 => length == 15,
        // Diners Club.
        3_000..=3_059 | 3_095 | 3_600..=3_699 | 3_800..=3_999 => matches!(length, 14 | 16),
        // JCB; its first cards had fifteen digits.
        3_528..=3_589 => matches!(length, 16..=19),
        1_800 | 2_131 => length == 15,
        // Mir.
        2_200..=2_204 => matches!(length, 16..=19),
        // Discover.
        6_011 | 6_440..=6_599 => matches!(length, 16..=19),
        // UnionPay.
        6_200..=6_299 => matches!(length, 16..=19),
        // Maestro.
        5_018 | 5_020 | 5_038 | 5_893 | 6_304 | 6_759 | 6_761..=6_763 => true,
        // RuPay.
        6_060..=6_099 | 8_100..=8_299 => length == 16,
        _ => false,
    };
    issued && luhn(digits)
}

/// An international bank account number: a country, its length, and two check digits modulo 97.
pub(super) fn is_iban(text: &Compact) -> bool {
    let characters = text.characters();
    let (Some(country), Some(body)) = (characters.get(..2), characters.get(4..)) else { return false };
    let length = LENGTHS.split_ascii_whitespace().find_map(|entry| {
        let (own, length) = entry.split_at_checked(2)?;
        (own.as_bytes() == country).then(|| length.parse::<usize>().ok())?
    });
    length == Some(characters.len())
        && text.separated_by(b' ')
        && number(characters, 2..4).is_some()
        && mod_97(body.iter().chain(characters.iter().take(4))) == Some(1)
}

/// Countries with the length of their numbers, by the registry of SWIFT.
const LENGTHS: &str =
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24
    FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20
    LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31
    SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";

/// What could be the number of a document: letters and digits, of which most are digits, in one piece or with spaces.
pub(super) fn is_document_number(text: &Compact) -> bool {
    let digits = text.characters().iter().filter(|byte| byte.is_ascii_digit()).count();
    (6..=15).contains(&text.len()) && digits >= 5 && digits + 3 >= text.len() && !text.plus && !text.has(b'.') && !text.has(b'/')
}

/// What could be the number of an account: eight digits or more.
pub(super) fn is_account_number(text: &Compact) -> bool {
    text.digits().is_some_and(|digits| (6..=20).contains(&digits.len())) && !text.plus && !text.has(b'.')
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    fn compact(text: &str) -> Compact {
        Compact::of(text).unwrap()
    }

    #[test]
    fn published_examples_are_recognised() {
        for card in ["4111 1111 1111 1111", "5555555555554444", "378282246310005", "6011-1111-1111-1117", "3530111333300000"] {
            assert!(is_card(&compact(card)), "{card}");
        }
        for other in ["4111111111111112", "9111111111111111", "0000000000000000", "41111111", "4111.1111.1111.1111"] {
            assert!(!is_card(&compact(other)), "{other}");
        }
        for iban in
            ["GB82 WEST 1234 5698 7654 32", "de89370400440532013000", "NO9386011117947", "MT84MALT011000012345MTLCAST001S"]
        {
            assert!(is_iban(&compact(iban)), "{iban}");
        }
        for other in ["GB82WEST12345698765433", "GB82WEST1234569876543", "XX82WEST12345698765432", "GB", "G"] {
            assert!(!is_iban(&compact(other)), "{other}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_makes_no_card_and_no_iban(body in "[0-9]{14}", bban in "[0-9]{18}", at in 4usize..15, by in 1u8..10) {
            let card = (b'0'..=b'9').map(|last| format!("4{body}{}", last as char)).find(|card| is_card(&compact(card)));
            let check = 98 - mod_97(format!("{bban}DE00").as_bytes().iter()).unwrap();
            let iban = format!("DE{check:02}{bban}");
            prop_assert!(is_iban(&compact(&iban)));
            for (number, is) in [(card.unwrap(), is_card as fn(&Compact) -> bool), (iban, is_iban)] {
                let mut wrong = number.into_bytes();
                wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
                prop_assert!(!is(&compact(std::str::from_utf8(&wrong).unwrap())));
            }
        }
    }
}
