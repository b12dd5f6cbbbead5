//! Names of people, by lists of common ones and by shape.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::fold::fold_into;

static GIVEN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| words(include_str!("given_names.txt")));
static FAMILY: LazyLock<HashSet<&'static str>> = LazyLock::new(|| words(include_str!("surnames.txt")));

fn words(text: &'static str) -> HashSet<&'static str> {
    text.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_ascii_whitespace).collect()
}

/// How a text reads as a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Person {
    /// A company, a club, a school.
    Organisation,
    /// Words such as names are made of, and no name that is known.
    Plausible,
    /// A given name alone.
    Given,
    /// A family name alone.
    Family,
    /// A known family name after something unknown.
    Half,
    /// A given and a family name, of which one at least is known.
    Full,
}

/// Words in front of a name.
static TITLES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "mr mrs ms miss mx dr prof professor sir dame rev herr frau hr fr dott sig sra mme mlle monsieur madame don dona pan \
        pani ing mag dipl",
    )
});
/// Words after a name.
static SUFFIXES: LazyLock<HashSet<&str>> = LazyLock::new(|| words("jr sr ii iii iv phd md msc bsc mba esq dds rn cpa"));
/// Words within a name.
static PARTICLES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "de del della di da do dos das du des la le van von der den ten ter vom zu zur bin ibn al el bint ben y e mac mc st af \
        av",
    )
});
/// Words that no person is called.
static ORGANISATIONS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "ltd limited inc incorporated gmbh ag kg ohg llc llp plc corp corporation co company sa sarl sas spa srl bv nv ab oy \
        oyj as aps kk pty pte group gruppe groupe holding holdings bank university college school institute academy hospital \
        clinic hotel restaurant cafe bar grill pizza store stores shop market markets supermarket club team association \
        foundation society union international global services service solutions systems technologies technology software \
        partners associates consulting industries enterprises brothers bros sons airlines airways airport studio studios \
        records museum church park stadium centre center department office ministry council committee federation orchestra \
        band theatre theater motors energy media press foods insurance trading logistics pharma labs ventures capital handel \
        verlag kommune fc sc united",
    )
});
/// Words of sentences, titles and places.
static OTHERS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "the a an of and or in on at to for with by from is no not und mit fur et les los las san santa saint sao new north \
        south east west port fort lake mount mt cape puerto rio grand great upper lower old big little city town county state \
        river bay beach island islands republic kingdom street road avenue lane drive square monday tuesday wednesday thursday \
        friday saturday sunday january february march july september october november december male female yes none unknown \
        other null red blue yellow orange purple pink beige silver navy small large super mini classic premium set pack box kit cup league cheese sauce wine beer tea \
        coffee chocolate bread",
    )
});

/// Reads `text` as a name; `None` when it is shaped like none. `word` is room to work in.
pub(super) fn person(text: &str, word: &mut String) -> Option<Person> {
    let text = text.trim();
    if !(2..=60).contains(&text.len()) || text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let reversed = text.contains(',');
    let (mut parts, mut given, mut family, mut first_given, mut last_family, mut initials) = (0, 0, 0, false, false, 0);
    let mut titled = false;
    let mut lower = true;
    for part in text.split([' ', ',', '\u{a0}']).filter(|part| !part.is_empty()) {
        if part == "&" || part == "-" {
            return Some(Person::Organisation);
        }
        if !part.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-' | '.' | '`' | '´')) {
            return None;
        }
        fold_into(part, word);
        let known = |list: &HashSet<&str>| list.contains(word.as_str());
        if known(&ORGANISATIONS) && parts > 0 {
            return Some(Person::Organisation);
        }
        if known(&OTHERS) {
            return None;
        }
        if parts == 0 && known(&TITLES) {
            titled = true;
            continue;
        }
        if parts > 0 && (known(&SUFFIXES) || known(&PARTICLES)) {
            continue;
        }
        lower &= part.chars().next().is_some_and(char::is_lowercase);
        parts += 1;
        if part.trim_end_matches('.').chars().count() <= 1 {
            initials += 1;
            continue;
        }
        // Of double names one half says enough.
        let is_in = |list: &HashSet<&str>| {
            list.contains(word.as_str()) || word.split('-').any(|half| half.len() > 2 && list.contains(half))
        };
        let (is_given, is_family) = (is_in(&GIVEN), is_in(&FAMILY));
        given += usize::from(is_given);
        family += usize::from(is_family);
        first_given |= parts == 1 && is_given;
        last_family = is_family;
    }
    Some(match parts {
        0 if titled => Person::Plausible,
        0 => return None,
        1 if titled && given + family > 0 => Person::Full,
        1 if given > 0 => Person::Given,
        1 if family > 0 => Person::Family,
        1 => Person::Plausible,
        2..=5 => {
            let both = given > 0 && family > 0 && given + family > 1;
            let known = both
                || given > 1
                || (initials > 0 || titled) && given + family > 0
                || !lower && (first_given || reversed && given > 0);
            match known {
                true => Person::Full,
                false if last_family && !lower => Person::Half,
                false => Person::Plausible,
            }
        }
        _ => return None,
    })
}

/// Whether two words next to each other, both with a capital, are a known given and a known family name.
pub(super) fn names_somebody(text: &str, word: &mut String) -> bool {
    let mut after_given = false;
    for part in text.split_whitespace() {
        let bare = part.trim_matches(|c: char| !c.is_alphabetic());
        if !bare.chars().next().is_some_and(char::is_uppercase) || bare.chars().count() < 3 {
            after_given = false;
            continue;
        }
        fold_into(bare.trim_end_matches("'s"), word);
        if after_given && FAMILY.contains(word.as_str()) {
            return true;
        }
        // After punctuation another name begins.
        after_given = GIVEN.contains(word.as_str()) && part.ends_with(char::is_alphabetic);
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_told_from_other_words() {
        let read = |text: &str| person(text, &mut String::new());
        for (text, expected) in [
            ("Anna Müller", Some(Person::Full)),
            ("MÜLLER, Anna", Some(Person::Full)),
            ("Dr. Anna-Lena von der Heide", Some(Person::Full)),
            ("J. Smith", Some(Person::Full)),
            ("nagy lászló", Some(Person::Full)),
            ("Xqzt Smith", Some(Person::Half)),
            ("Anna", Some(Person::Given)),
            ("Müller", Some(Person::Family)),
            ("Futterkiste", Some(Person::Plausible)),
            ("Smith & Sons", Some(Person::Organisation)),
            ("Anna Müller GmbH", Some(Person::Organisation)),
            ("The Beatles", None),
            ("San Francisco", None),
            ("Chai 500 ml", None),
            ("", None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        let somebody = |text: &str| names_somebody(text, &mut String::new());
        assert!(somebody("Please call Anna Müller tomorrow.") && somebody("(Peter Smith's order)"));
        assert!(!somebody("Call Anna. Smith is here") && !somebody("the red smith") && !somebody(""));
    }

    #[test]
    fn the_lists_are_there() {
        assert!(GIVEN.len() > 2_000 && FAMILY.len() > 1_500);
        assert!(GIVEN.iter().chain(FAMILY.iter()).all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase())));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,60}") {
            let _ = (person(&text, &mut String::new()), names_somebody(&text, &mut String::new()));
        }
    }
}
