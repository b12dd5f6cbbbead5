//! What the names of columns and tables say.

use super::Kind;
use super::fold::fold;
use crate::catalog::{LogicalType, split_words};

/// What a column's name says of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opinion {
    /// That they are of this kind and hardly anything else.
    Tells(Kind),
    /// That they may be of this kind.
    Hints(Kind),
    /// That they are something else.
    Denies,
    /// Nothing.
    Silent,
}

impl Opinion {
    /// Whether it tells `kind`.
    pub(super) fn tells(self, kind: Kind) -> bool {
        self == Self::Tells(kind)
    }

    /// Whether it hints at `kind` at least.
    pub(super) fn supports(self, kind: Kind) -> bool {
        self == Self::Tells(kind) || self == Self::Hints(kind)
    }
}

/// Words, or words in a row, by what they say, between commas. Compared folded, in one word too: `first name` is `firstname`.
const SAID: &[(Kind, &str)] = &[
    (
        Kind::Secret,
        "password, passwd, pwd, passwort, passphrase, contrasena, mot de passe, senha, api key, access token, auth token, \
        private key, cvv, cvc, security answer, pin code, haslo, losenord, wachtwoord, password hash",
    ),
    (Kind::UserName, "username, user name, login, login name, screen name, benutzername, nombre usuario, twitter handle"),
    (Kind::Email, "email, e mail, mail, mail address, correo, courriel, epost, e post, mailadresse, email address"),
    (Kind::Ip, "ip, ip address, ip addr, ipv4, ipv6, remote addr, ip adresse, client ip"),
    (Kind::Mac, "mac address, mac addr, hwaddr, hardware address"),
    (Kind::Iban, "iban"),
    (
        Kind::BankAccount,
        "bank account, account number, account no, acct no, kontonummer, numero cuenta, bban, bank account number",
    ),
    (
        Kind::Card,
        "card number, card no, card num, credit card, credit card number, cc number, cc num, ccnum, ccn, kreditkarte, \
        kartennummer, tarjeta, numero tarjeta, carte bancaire, carta credito, cartao, debit card, creditcard",
    ),
    (
        Kind::NationalId,
        "ssn, social security, sin number, national id, national identity, national insurance, nino, steuer id, \
        steueridentifikationsnummer, sozialversicherungsnummer, svnr, insee, numero securite sociale, dni, nif, codice \
        fiscale, cpf, curp, pesel, bsn, burgerservicenummer, rijksregisternummer, personnummer, personnr, fodselsnummer, \
        henkilotunnus, hetu, rodne cislo, cnp, tckn, kimlik, aadhaar, aadhar, ahv, avs number, tax id, tax number, itin, \
        identity number, id card, id number, citizen id, personal number, personal id, nhs number, government id",
    ),
    (Kind::Passport, "passport, passport no, passport number, reisepass, pasaporte, passeport, passaporto, paszport, paspoort"),
    (
        Kind::DriverLicense,
        "driver license, drivers license, driver licence, driving license, driving licence, fuhrerschein, permis conduire, dl \
        number, driver license number",
    ),
    (
        Kind::Phone,
        "phone, mobile no, mobile nr, cell no, cell number, telephone, tel, cellphone, cell phone, mobile phone, fax, telefax, telefon, telefono, telefone, celular, \
        cellulare, msisdn, whatsapp, telefoon, puhelin, rufnummer, telefonnummer, phone number, phonenumber, mobile number, \
        contact number, phone no, tlf",
    ),
    (
        Kind::BirthDate,
        "birth, birthdate, birthday, birth date, date of birth, dob, born, geburtsdatum, geburtstag, geb datum, fecha \
        nacimiento, fecha de nacimiento, nacimiento, date naissance, date de naissance, naissance, data nascita, nascita, \
        nascimento, data nascimento, geboortedatum, fodelsedatum, fodselsdato, data urodzenia, urodzenia, syntymaaika, birth \
        year, year of birth, birthyear, yob",
    ),
    (
        Kind::Address,
        "address, addr, street, strasse, anschrift, adresse, direccion, calle, rue, indirizzo, endereco, adres, ulica, straat, \
        adress, address line, street address, home address, mailing address, hausnummer",
    ),
    (
        Kind::Name,
        "first name, last name, full name, given name, family name, middle name, maiden name, surname, forename, fname, lname, \
        mname, firstname, lastname, fullname, vorname, nachname, familienname, apellido, apellidos, primer nombre, prenom, nom \
        famille, nom de famille, cognome, imie, nazwisko, fornamn, efternamn, fornavn, etternavn, efternavn, voornaam, \
        achternaam, sobrenome, etunimi, sukunimi, jmeno, prijmeni, nombre completo, nombres, person name, contact name",
    ),
    (
        Kind::Geo,
        "lat, latitude, lon, lng, long, longitude, breitengrad, langengrad, latitud, longitud, coordinates, geolocation, lat \
        long, lat lng, gps, geo",
    ),
];

/// Words that mean this and other things as well.
const HINTED: &[(Kind, &str)] = &[
    (Kind::Phone, "cell, portable, handy, mobile, mobil, movil, gsm"),
    (Kind::NationalId, "tin, rut, nie, nir, egn, cpr, sin, pin"),
    (Kind::Mac, "mac"),
    (Kind::Secret, "secret, token"),
];

/// Words for people, in the singular.
const PEOPLE: &str = "person people customer client employee staff user member patient student teacher contact author driver doctor physician \
    nurse guest passenger player candidate applicant subscriber tenant owner manager agent supervisor instructor professor \
    actor director worker citizen voter resident beneficiary cardholder holder recipient sender buyer seller visitor donor \
    participant attendee leader coach pilot individual personnel salesperson representative rep caller lead prospect borrower \
    insured claimant spouse parent child mother father engineer technician consultant editor reviewer writer wrestler swimmer \
    gymnast officer kunde mitarbeiter benutzer schuler ansprechpartner cliente empleado usuario empregado paciente persona \
    alumno utilisateur employe salarie dipendente utente klant medewerker kund anstalld pracownik klient persoon perpetrator \
    host cashier assignee reporter approver creator captain faculty advisor adviser scientist builder rider winner \
    cust emp usr mgr pax clt";

/// Words that a table's name has beside what it is about.
const TABLE_WORDS: &str = "tbl table data list info information detail master dim profile record v vw view t all";

/// Words that make of a name a property of what it names, or something kept about it.
const PROPERTIES: &str = "type status flag is has count total verified verification opt optin optout template subject sent body provider domain \
    model brand price format length size valid confirmed enabled required preference preferred plan version rate weight place \
    city country state cost fee bill minutes calls usage quota rank score kind category class created updated changed expires \
    expiry reset attempts method issuer network balance limit campaign marketing app os screen carrier policy url web website \
    site vendor control code label order title";

/// Words for what is not a person, a number of one, or an address.
const THINGS: &str = "product item company organisation organization business brand country city state region province county category version \
    release build model make sku code order invoice price amount quantity total isbn ean upc gtin vin serial tracking barcode \
    file table column event song album film movie book course department team club school university hotel restaurant airport \
    airline station museum stadium ship aircraft currency language status type date time timestamp year url hash checksum uuid \
    guid genre role gender nationality title zip postcode postal plz part component tag shape color colour size batch lot \
    district building track party race place location town venue hall college sponsor street store shop branch bank supplier \
    manufacturer publisher journal domain server \
    siren siret vat duns lei imei imsi routing swift bic isin cusip issn firmware plate";

/// What a column's name says of values of its type.
pub(super) fn opinion(name: &str, data_type: LogicalType, table: &str) -> Opinion {
    let words: Vec<String> =
        split_words(name).iter().map(|word| fold(word)).filter(|word| word.parse::<u32>().is_err()).collect();
    if matches!(data_type, LogicalType::Boolean) || words.is_empty() {
        return Opinion::Silent;
    }
    let has = |list: &str, word: &String| contains(list, word);
    let mut best: Option<(Kind, usize, usize)> = None;
    for (kind, phrases) in SAID {
        for phrase in phrases.split(", ") {
            let Some((at, length)) = place(&words, phrase) else { continue };
            // The longest phrase says most; of equal ones the last word of the name is what it is.
            if best.is_none_or(|(_, end, known)| (length, at + length) > (known, end)) {
                best = Some((*kind, at + length, length));
            }
        }
    }
    if let Some((kind, end, length)) = best {
        let rest = |at: usize| at < end - length || at >= end;
        let others = || words.iter().enumerate().filter(|(at, _)| rest(*at)).map(|(_, word)| word);
        let is_key = others().any(|word| word == "id") && (kind != Kind::Email || data_type != LogicalType::Text);
        let when =
            others().any(|word| matches!(word.as_str(), "at" | "date" | "time" | "on" | "year")) && kind != Kind::BirthDate;
        // The full name of a building is nobody's.
        let of_thing = kind == Kind::Name && others().any(|word| has(THINGS, word));
        if is_key || when || of_thing || others().any(|word| has(PROPERTIES, word)) {
            return Opinion::Denies;
        }
        return if kind == Kind::Geo { Opinion::Hints(kind) } else { Opinion::Tells(kind) };
    }
    for (kind, meanings) in HINTED {
        if words.last().is_some_and(|last| meanings.split(", ").any(|own| own == last)) {
            return Opinion::Hints(*kind);
        }
    }
    let is_person = |word: &String| is_person(word);
    let last = words.last();
    if last.is_some_and(|word| {
        matches!(word.as_str(), "name" | "names" | "nm" | "nombre" | "nom" | "nome" | "naam" | "namn" | "navn" | "nimi" | "nazwa")
    }) {
        let about = words.get(..words.len() - 1).unwrap_or_default();
        return match about.last() {
            _ if about.iter().any(|word| has(THINGS, word)) => Opinion::Denies,
            None if is_about_people(table) => Opinion::Hints(Kind::Name),
            None => Opinion::Silent,
            Some(_) if about.iter().any(is_person) => Opinion::Hints(Kind::Name),
            Some(_) => Opinion::Denies,
        };
    }
    if last.is_some_and(is_person) && data_type == LogicalType::Text {
        return Opinion::Hints(Kind::Name);
    }
    if words.iter().any(|word| has(THINGS, word))
        || last.is_some_and(|word| matches!(word.as_str(), "id" | "key" | "number" | "no" | "nr" | "num"))
    {
        return Opinion::Denies;
    }
    Opinion::Silent
}

/// Where the words of `phrase` stand in a row, and how many they are; the whole phrase may be one word.
fn place(words: &[String], phrase: &str) -> Option<(usize, usize)> {
    let length = phrase.split(' ').count();
    let in_a_row = words.windows(length).position(|window| window.iter().map(String::as_str).eq(phrase.split(' ')));
    in_a_row.map(|at| (at, length)).or_else(|| {
        let joined = |word: &String| word.len() + length > phrase.len() && word.chars().eq(phrase.chars().filter(|c| *c != ' '));
        (length > 1).then(|| words.iter().position(joined)).flatten().map(|at| (at, 1))
    })
}

fn contains(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|own| own == word)
}

fn is_person(word: &str) -> bool {
    let singular = || word.strip_suffix("ies").map(|stem| format!("{stem}y"));
    contains(PEOPLE, word)
        || word.strip_suffix('s').is_some_and(|word| contains(PEOPLE, word))
        || word.strip_suffix("es").is_some_and(|word| contains(PEOPLE, word))
        || singular().is_some_and(|word| contains(PEOPLE, &word))
}

/// Whether the rows of a table so called are people.
pub(super) fn is_about_people(table: &str) -> bool {
    let words: Vec<String> = split_words(table).iter().map(|word| fold(word)).collect();
    words
        .iter()
        .rev()
        .find(|word| !contains(TABLE_WORDS, word.trim_end_matches('s')) && word.parse::<u32>().is_err())
        .is_some_and(|word| is_person(word))
}

/// Whether a column so called points at somebody: `user_id`.
pub(super) fn points_at_somebody(column: &str) -> bool {
    let words = split_words(column);
    matches!(words.as_slice(), [about @ .., last] if last == "id" && about.iter().any(|word| is_person(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_they_say() {
        use Kind::*;
        use Opinion::*;
        for (name, expected) in [
            ("email", Tells(Email)),
            ("EMailAddress", Tells(Email)),
            ("correo", Tells(Email)),
            ("billing_mail_address", Tells(Email)),
            ("email_opt_in", Denies),
            ("address", Tells(Address)),
            ("ip_address", Tells(Ip)),
            ("mac_address", Tells(Mac)),
            ("web_address", Denies),
            ("addressID", Denies),
            ("Téléphone", Tells(Phone)),
            ("cellphone_model", Denies),
            ("mobile_no", Tells(Phone)),
            ("dob", Tells(BirthDate)),
            ("place_of_birth", Denies),
            ("birth_rate", Denies),
            ("Vorname", Tells(Name)),
            ("FIRSTNAME", Tells(Name)),
            ("cust_last_name", Tells(Name)),
            ("customer_name", Hints(Name)),
            ("product_name", Denies),
            ("building_full_name", Denies),
            ("manager", Hints(Name)),
            ("user_name", Tells(UserName)),
            ("pwd", Tells(Secret)),
            ("ssn", Tells(NationalId)),
            ("codiceFiscale", Tells(NationalId)),
            ("passport_no", Tells(Passport)),
            ("credit_card", Tells(Card)),
            ("credit_card_type", Denies),
            ("card_type", Denies),
            ("lat", Hints(Geo)),
            ("mobile", Hints(Phone)),
            ("order_number", Denies),
            ("sku", Denies),
            ("c1", Silent),
            ("", Silent),
        ] {
            assert_eq!(opinion(name, LogicalType::Text, "t"), expected, "{name}");
        }
        assert_eq!(opinion("name", LogicalType::Text, "dim_customers"), Hints(Name));
        assert_eq!(opinion("name", LogicalType::Text, "customer_orders"), Silent);
        assert_eq!(opinion("email", LogicalType::Boolean, "t"), Silent);
        assert!(points_at_somebody("user_id") && !points_at_somebody("order_id") && is_about_people("Companies_Employees_tbl"));
    }
}
