//! Published examples, and numbers generated from their rules.

use super::*;

/// Numbers that repeat: a linear congruential generator (Knuth's MMIX).
pub(in super::super) struct Random(u64);

impl Random {
    pub(in super::super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(in super::super) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// A pattern for each kind: `d` is any digit, `?` a check character, `p` the ten digits with one in place of another.
pub(in super::super) const PATTERNS: &[(&str, &str)] = &[
    ("Canadian social insurance", "1ddddddd?"),
    ("Brazilian CPF", "ddddddddd??"),
    ("Chilean RUT", "1ddddddd-?"),
    ("German tax", "p?"),
    ("French social security", "1850575dddddd??"),
    ("Spanish DNI or NIE", "dddddddd?"),
    ("Italian tax", "RSSMRA8dL1dFddd?"),
    ("Portuguese tax", "2ddddddd?"),
    ("Dutch citizen service", "1ddddddd?"),
    ("Belgian national", "850730ddd??"),
    ("Swiss insurance", "756ddddddddd?"),
    ("Swedish personal", "850730-ddd?"),
    ("Norwegian birth", "300785ddd??"),
    ("Finnish personal", "300785-ddd?"),
    ("Polish PESEL", "8507dddddd?"),
    ("Czech or Slovak birth", "850730/ddd?"),
    ("Romanian personal", "185073012ddd?"),
    ("Bulgarian personal", "850730ddd?"),
    ("Turkish identity", "2dddddddd??"),
    ("Indian Aadhaar", "2dddddddddd?"),
    ("Chinese identity", "11010519850730ddd?"),
    ("South African identity", "850730dddd08?"),
];

/// A number by `pattern` that `is` one, if the digits drawn have one.
pub(in super::super) fn generate(pattern: &str, random: &mut Random, is: impl Fn(&str) -> bool) -> Option<String> {
    let mut text = String::new();
    for c in pattern.chars() {
        match c {
            'd' => text.push(char::from(b'0' + random.below(10) as u8)),
            'p' => {
                let mut digits: Vec<u8> = (b'0'..=b'9').collect();
                for at in (1..10).rev() {
                    digits.swap(at, random.below(at + 1));
                }
                let (from, to) = (random.below(9) + 1, random.below(10));
                digits[to] = digits[from];
                if digits[0] == b'0' {
                    digits.reverse();
                }
                text.push_str(std::str::from_utf8(&digits).unwrap());
            }
            c => text.push(c),
        }
    }
    let checks: Vec<char> = ('0'..='9').chain('A'..='Z').collect();
    match text.matches('?').count() {
        1 => checks.iter().map(|a| text.replacen('?', &a.to_string(), 1)).find(|text| is(text)),
        _ => checks
            .iter()
            .flat_map(|a| checks.iter().map(move |b| (a, b)))
            .map(|(a, b)| text.replacen('?', &a.to_string(), 1).replacen('?', &b.to_string(), 1))
            .find(|text| is(text)),
    }
}

fn is(id: &Id, text: &str) -> bool {
    Compact::of(text).and_then(|text| id.form(&text)) >= Some(Form::Checked)
}

/// Numbers of the kind `name`.
pub(in super::super) fn numbers(name: &str, count: usize) -> Vec<String> {
    let id = IDS.iter().find(|id| id.name == name).unwrap();
    let pattern = PATTERNS.iter().find(|(own, _)| *own == name).unwrap().1;
    let mut random = Random::new(7);
    let found: Vec<String> =
        (0..count * 20).filter_map(|_| generate(pattern, &mut random, |text| is(id, text))).take(count).collect();
    assert_eq!(found.len(), count, "{name}");
    found
}

#[test]
fn published_examples_are_recognised() {
    for (text, name) in [
        ("078-05-1120", "US social security"),
        ("130 692 544", "Canadian social insurance"),
        ("529.982.247-25", "Brazilian CPF"),
        ("HEGG560427MVZRRL04", "Mexican CURP"),
        ("12.345.678-5", "Chilean RUT"),
        ("QQ 12 34 56 C", ""),
        ("AB 12 34 56 C", "British national insurance"),
        ("86095742719", "German tax"),
        ("2 55 08 14 168 025 38", "French social security"),
        ("12345678Z", "Spanish DNI or NIE"),
        ("X1234567L", "Spanish DNI or NIE"),
        ("RSSMRA85T10A562S", "Italian tax"),
        ("111222333", "Dutch citizen service"),
        ("85.07.30-033.28", "Belgian national"),
        ("756.9217.0769.85", "Swiss insurance"),
        ("811228-9874", "Swedish personal"),
        ("131052-308T", "Finnish personal"),
        ("44051401359", "Polish PESEL"),
        ("10000000146", "Turkish identity"),
        ("2341 2341 2346", "Indian Aadhaar"),
        ("ABCPE1234F", "Indian PAN"),
        ("11010519491231002X", "Chinese identity"),
        ("8001015009087", "South African identity"),
    ] {
        let found: Vec<&str> =
            IDS.iter().filter(|id| Compact::of(text).and_then(|text| id.form(&text)).is_some()).map(|id| id.name).collect();
        assert!(found.contains(&name) || name.is_empty() && found.is_empty(), "{text}: {found:?}");
    }
    for other in ["000-12-3456", "666-12-3456", "123-00-4567", "123-45-0000", "111.111.111-11"] {
        assert!(
            IDS.iter().all(|id| Compact::of(other).and_then(|text| id.form(&text)).is_none_or(|form| form < Form::Evident)),
            "{other}"
        );
    }
}

/// Some rules have two remainders for one check digit.
#[test]
fn generated_numbers_are_recognised_and_hardly_any_with_a_wrong_digit() {
    let weak = ["Portuguese tax", "Bulgarian personal", "Romanian personal", "Brazilian CPF", "Belgian national"];
    for (name, _) in PATTERNS {
        let id = IDS.iter().find(|id| id.name == *name).unwrap();
        let (mut wrong, mut passed) = (0, 0);
        for number in numbers(name, 20) {
            for at in number.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()).map(|(at, _)| at) {
                for digit in b'0'..=b'9' {
                    let mut changed = number.clone().into_bytes();
                    changed[at] = digit;
                    let changed = String::from_utf8(changed).unwrap();
                    if changed != number {
                        wrong += 1;
                        passed += usize::from(is(id, &changed));
                    }
                }
            }
        }
        assert!(wrong > 1_000);
        assert!(if weak.contains(name) { passed * 20 < wrong } else { passed == 0 }, "{name}: {passed} of {wrong}");
    }
}

#[test]
fn other_numbers_pass_about_as_often_as_is_said() {
    let mut random = Random::new(1);
    let mut counts = vec![0u32; IDS.len()];
    let all = 40_000;
    for at in 0..all {
        let length = 8 + at % 8;
        let text: String = (0..length).map(|_| char::from(b'0' + random.below(10) as u8)).collect();
        for (id, count) in IDS.iter().zip(&mut counts) {
            *count += u32::from(is(id, &text));
        }
    }
    for (id, count) in IDS.iter().zip(counts) {
        // An eighth of the numbers has the right length, a quarter where two do.
        let share = f64::from(count) / (f64::from(all) / 8.0);
        assert!(share <= id.chance * 2.5 + 0.005, "{}: {share}", id.name);
    }
}

mod any {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_read(text in "[0-9A-Z /.-]{0,40}") {
            if let Some(text) = Compact::of(&text) {
                IDS.iter().for_each(|id| { id.form(&text); });
            }
        }
    }
}
