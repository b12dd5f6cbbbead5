//! Which columns hold personal data, of what kind, and how sure that is.
//!
//! A bounded sample of a column's values is compared with what each kind looks like, check digits included ([`Evidence`]). Then
//! the column's name and type are asked for their opinion, and the two are weighed against each other ([`judge`]).

mod accounts;
mod address;
mod checksum;
mod compact;
mod dates;
mod fold;
mod judge;
mod national;
mod net;
mod person;
mod phone;
mod prose;
mod words;

use compact::Compact;
pub(super) use judge::mark;
pub use judge::mark_by_names;
use national::{Form, IDS};

/// Values of a column that are looked at.
const VALUES: usize = 1_000;

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Email,
    Iban,
    Card,
    NationalId,
    Ip,
    Mac,
    Phone,
    Name,
    Address,
    BirthDate,
    Geo,
    Passport,
    DriverLicense,
    BankAccount,
    Secret,
    UserName,
    FreeText,
}

impl Kind {
    /// As the catalogue calls it.
    fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Iban => "iban",
            Self::Card => "card",
            Self::NationalId => "national_id",
            Self::Ip => "ip",
            Self::Mac => "mac",
            Self::Phone => "phone",
            Self::Name => "name",
            Self::Address => "address",
            Self::BirthDate => "birth_date",
            Self::Geo => "geo",
            Self::Passport => "passport",
            Self::DriverLicense => "driver_license",
            Self::BankAccount => "bank_account",
            Self::Secret => "secret",
            Self::UserName => "user_name",
            Self::FreeText => "free_text",
        }
    }

    /// What many values of it are called.
    fn plural(self) -> &'static str {
        match self {
            Self::Email => "e-mail addresses",
            Self::Iban => "IBANs",
            Self::Card => "numbers of payment cards",
            Self::NationalId => "national identity numbers",
            Self::Ip => "IP addresses",
            Self::Mac => "MAC addresses",
            Self::Phone => "telephone numbers",
            Self::Name => "names of people",
            Self::Address => "postal addresses",
            Self::BirthDate => "dates of birth",
            Self::Geo => "coordinates",
            Self::Passport => "numbers of passports",
            Self::DriverLicense => "numbers of driving licences",
            Self::BankAccount => "numbers of bank accounts",
            Self::Secret => "secrets",
            Self::UserName => "names of users",
            Self::FreeText => "texts with personal data in them",
        }
    }
}

/// What the values of a column look like: how many of those looked at are like what.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// Different values looked at, without empty texts.
    seen: u32,
    /// Whether they are numbers.
    numbers: bool,
    emails: u32,
    ibans: u32,
    cards: u32,
    ips: u32,
    /// Four small numbers, which may be versions.
    small_ips: u32,
    macs: u32,
    /// In groups, in one piece, beyond doubt.
    phones: [u32; 3],
    /// Those in groups that begin with a zero, as numbers within a country do.
    trunk: u32,
    /// Ways in which groups of digits are put together, by a bit each.
    layouts: u64,
    /// Numbers, and letters and digits, that are long enough to be somebody's.
    codes: u32,
    /// By kind of number: the shape, the check digits, beyond doubt.
    national: [[u32; 3]; IDS.len()],
    documents: u32,
    accounts: u32,
    likely_addresses: u32,
    addresses: u32,
    names: Names,
    dates: u32,
    hashes: u32,
    /// Yes and no.
    flags: u32,
    /// Texts of several words; with somebody's name within; with other personal data within.
    prose: [u32; 3],
}

/// How values read as names.
#[derive(Debug, Default)]
struct Names {
    organisations: u32,
    /// Shaped like names, known ones included.
    plausible: u32,
    given: u32,
    family: u32,
    half: u32,
    full: u32,
}

impl Evidence {
    /// Looks at texts, each different one once.
    pub(super) fn of_texts<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut different: Vec<&str> = texts.map(str::trim).filter(|text| !text.is_empty()).collect();
        different.sort_unstable();
        different.dedup();
        let mut evidence = Self::default();
        let mut room = String::new();
        for text in spread(&different) {
            evidence.text(text, &mut room);
        }
        evidence
    }

    /// Looks at whole numbers.
    pub(super) fn of_numbers(numbers: impl Iterator<Item = i64>) -> Self {
        let mut different: Vec<u64> = numbers.filter_map(|number| u64::try_from(number).ok()).collect();
        different.sort_unstable();
        different.dedup();
        let mut evidence = Self { numbers: true, ..Self::default() };
        for number in spread(&different) {
            evidence.seen += 1;
            evidence.compact(&Compact::of_number(*number));
        }
        evidence
    }

    fn text(&mut self, text: &str, room: &mut String) {
        self.seen += 1;
        let (mut digits, mut letters) = (0, false);
        for byte in text.bytes() {
            digits += usize::from(byte.is_ascii_digit());
            letters |= byte.is_ascii_alphabetic() || byte >= 0x80;
        }
        if let Some(found) = prose::prose(text, room) {
            let [all, names, data] = &mut self.prose;
            *all += 1;
            *names += u32::from(found == prose::Prose::Name);
            *data += u32::from(found == prose::Prose::Data);
        }
        self.emails += u32::from(net::is_email(text));
        if digits >= 3 || text.contains(':') {
            match net::ip(text) {
                Some(net::Ip::Address) => self.ips += 1,
                Some(net::Ip::Small) => self.small_ips += 1,
                None => self.macs += u32::from(net::is_mac(text)),
            }
        }
        self.hashes += u32::from(is_hash(text));
        self.flags += u32::from(text.len() <= 5 && is_flag(text));
        if digits >= 4 && text.len() <= 60 {
            self.dates += u32::from(dates::year(text).is_some());
            match Compact::of(text) {
                Some(compact) => {
                    self.compact(&compact);
                    // With an extension, or with characters that only telephone numbers are written with.
                    if !compact.digits {
                        self.phone(phone::phone(text), 1 << 63);
                    }
                }
                None => self.phone(phone::phone(text), 1 << 63),
            }
        }
        if !letters {
            return;
        }
        match address::address(text, room) {
            Some(address::Address::Evident) => self.addresses += 1,
            Some(address::Address::Likely) => self.likely_addresses += 1,
            None => {}
        }
        if digits == 0 {
            self.name(person::person(text, room));
        }
    }

    fn compact(&mut self, text: &Compact) {
        let layout = text
            .groups()
            .iter()
            .fold(u64::from(text.plus) + 2 * u64::from(text.parentheses), |layout, size| (layout * 17 + u64::from(*size)) % 61);
        self.codes += u32::from(text.len() >= 7);
        self.cards += u32::from(accounts::is_card(text));
        self.ibans += u32::from(accounts::is_iban(text));
        self.documents += u32::from(accounts::is_document_number(text));
        self.accounts += u32::from(accounts::is_account_number(text));
        for (id, [shape, checked, evident]) in IDS.iter().zip(&mut self.national) {
            match id.form(text) {
                Some(Form::Shape) => *shape += 1,
                Some(Form::Checked) => *checked += 1,
                Some(Form::Evident) => *evident += 1,
                None => {}
            }
        }
        let phone = phone::of(text);
        self.trunk += u32::from(phone == Some(phone::Phone::Grouped) && text.characters().starts_with(b"0"));
        self.phone(phone, 1 << layout);
    }

    fn phone(&mut self, found: Option<phone::Phone>, layout: u64) {
        let [bare, grouped, evident] = &mut self.phones;
        match found {
            Some(phone::Phone::Bare) => *bare += 1,
            Some(phone::Phone::Grouped) => *grouped += 1,
            Some(phone::Phone::Evident) => *evident += 1,
            None => return,
        }
        self.layouts |= layout;
    }

    fn name(&mut self, found: Option<person::Person>) {
        let names = &mut self.names;
        let Some(found) = found else { return };
        match found {
            person::Person::Organisation => {
                names.organisations += 1;
                return;
            }
            person::Person::Plausible => {}
            person::Person::Given => names.given += 1,
            person::Person::Family => names.family += 1,
            person::Person::Half => names.half += 1,
            person::Person::Full => names.full += 1,
        }
        names.plausible += 1;
    }
}

/// At most as many of `values` as are looked at, spread evenly.
fn spread<T>(values: &[T]) -> impl Iterator<Item = &T> {
    values.iter().step_by(values.len().div_ceil(VALUES).max(1))
}

/// Whether the text says yes, no or nothing.
fn is_flag(text: &str) -> bool {
    ["y", "n", "yes", "no", "true", "false", "t", "f", "1", "0", "x", "-", "ja", "nein", "oui", "non", "si"]
        .iter()
        .any(|flag| text.eq_ignore_ascii_case(flag))
}

/// Whether the text is what a function for passwords gives, or a digest.
fn is_hash(text: &str) -> bool {
    let functions = ["$2a$", "$2b$", "$2y$", "$argon2", "$5$", "$6$", "$1$", "$scrypt", "pbkdf2", "{SSHA}", "{SHA}"];
    functions.iter().any(|start| text.starts_with(start))
        || matches!(text.len(), 32 | 40 | 56 | 64 | 96 | 128) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_measure;
