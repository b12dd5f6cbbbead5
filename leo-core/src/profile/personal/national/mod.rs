//! Numbers that states give to people.

mod america;
mod asia;
mod east;
mod north;
mod west;

use super::compact::Compact;

/// How well a text fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// The shape alone, which other numbers have too.
    Shape,
    /// Digits in one piece whose check digits are right; some of any numbers' are.
    Checked,
    /// So written, and with such check digits, that hardly anything else is.
    Evident,
}

/// A kind of number.
pub(super) struct Id {
    /// What such numbers are called.
    pub(super) name: &'static str,
    /// Share of other numbers of the same length that are [`Form::Checked`], about.
    pub(super) chance: f64,
    check: fn(&Compact) -> Option<Form>,
}

impl Id {
    /// How well `text` fits.
    pub(super) fn form(&self, text: &Compact) -> Option<Form> {
        (self.check)(text)
    }
}

const fn id(name: &'static str, chance: f64, check: fn(&Compact) -> Option<Form>) -> Id {
    Id { name, chance, check }
}

/// Every kind that is known.
pub(super) const IDS: &[Id] = &[
    id("US social security", 0.88, america::social_security),
    id("Canadian social insurance", 0.1, america::social_insurance),
    id("Brazilian CPF", 0.01, america::cpf),
    id("Mexican CURP", 0.0, america::curp),
    id("Chilean RUT", 0.09, america::rut),
    id("British national insurance", 0.0, west::nino),
    id("German tax", 0.002, west::steuer_id),
    id("French social security", 0.005, west::nir),
    id("Spanish DNI or NIE", 0.04, west::dni),
    id("Italian tax", 0.0, west::codice_fiscale),
    id("Portuguese tax", 0.1, west::nif),
    id("Dutch citizen service", 0.09, west::bsn),
    id("Belgian national", 0.005, west::rijksregister),
    id("Swiss insurance", 0.0, west::ahv),
    id("Swedish personal", 0.01, north::personnummer),
    id("Norwegian birth", 0.003, north::fodselsnummer),
    id("Danish personal", 0.2, north::cpr),
    id("Finnish personal", 0.0, north::hetu),
    id("Polish PESEL", 0.02, east::pesel),
    id("Czech or Slovak birth", 0.01, east::rodne_cislo),
    id("Romanian personal", 0.01, east::cnp),
    id("Bulgarian personal", 0.02, east::egn),
    id("Turkish identity", 0.01, east::kimlik),
    id("Indian Aadhaar", 0.08, asia::aadhaar),
    id("Indian PAN", 0.0, asia::pan),
    id("Chinese identity", 0.0, asia::resident_identity),
    id("South African identity", 0.01, asia::south_african),
];

/// What a number in one piece is when its check digits are right.
fn checked(right: bool) -> Option<Form> {
    right.then_some(Form::Checked)
}

/// A number whose `groups` say what it is, or that is in one piece.
fn grouped(text: &Compact, right: bool, groups: &[u8], separator: u8) -> Option<Form> {
    if !right || text.plus || text.parentheses {
        None
    } else if text.groups() == groups && text.separated_by(separator) {
        Some(Form::Evident)
    } else {
        checked(text.is_plain())
    }
}

#[cfg(test)]
pub(super) mod tests;
