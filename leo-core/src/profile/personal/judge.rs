//! Weighing what the values of a column look like against what its name says.

use super::words::{Opinion, is_about_people, opinion, points_at_somebody};
use super::{Evidence, IDS, Kind, Names, dates};
use crate::catalog::{Column, LogicalType, PersonalData, PersonalTier, Table, TimeEncoding};
use crate::value::Value;

use PersonalTier::{High, Low, Medium};

/// What a column holds, as far as is known.
#[derive(Debug, Clone, Copy)]
struct Found {
    kind: Kind,
    tier: PersonalTier,
    /// Values that are of the kind, of those looked at.
    matched: u32,
    /// Values looked at.
    seen: u32,
    /// Whether the name says so too.
    named: bool,
    /// Which numbers of a state they are, where that is clear.
    id: Option<&'static str>,
}

/// Marks the columns of `table` that hold personal data, by the evidence of their values; columns without were not read. What the
/// host says stands.
pub(in crate::profile) fn mark(table: &mut Table, evidence: &[Option<Evidence>]) {
    let found: Vec<Option<Found>> = table
        .columns
        .iter()
        .zip(evidence.iter().chain(std::iter::repeat(&None)))
        .map(|(column, evidence)| {
            let says = opinion(&column.name, column.data_type, &table.name.name);
            match evidence.as_ref().filter(|evidence| evidence.seen > 0) {
                Some(evidence) => of_values(evidence, says, column),
                None => of_name(says, column),
            }
        })
        .collect();
    let of_people = is_about_people(&table.name.name)
        || table.columns.iter().any(|column| points_at_somebody(&column.name))
        || found
            .iter()
            .flatten()
            .any(|found| found.tier <= Medium && !matches!(found.kind, Kind::Address | Kind::Phone | Kind::FreeText));
    let (has_latitude, has_longitude) = (has_axis(table, 'a'), has_axis(table, 'o'));
    for (at, found) in found.into_iter().enumerate() {
        let geo = (of_people && found.is_none() && has_latitude && has_longitude).then(|| geo(table, at)).flatten();
        let Some(column) = table.columns.get_mut(at) else { continue };
        if column.personal.as_ref().is_some_and(|personal| personal.tier == PersonalTier::Confirmed) {
            continue;
        }
        column.personal = found.or(geo).map(|found| PersonalData {
            kind: found.kind.as_str().to_owned(),
            tier: found.tier,
            reason: Some(reason(&found)),
        });
    }
}

/// Marks columns by their names alone, in a table of which nothing was read.
///
/// # Behavior
/// Such marks have [`PersonalTier::Low`]: nothing is kept from anybody because of them. Columns that are marked already stay as they
/// are.
pub fn mark_by_names(table: &mut Table) {
    for at in 0..table.columns.len() {
        let Some(column) = table.columns.get(at).filter(|column| column.personal.is_none()) else { continue };
        let found = of_name(opinion(&column.name, column.data_type, &table.name.name), column);
        if let (Some(found), Some(column)) = (found, table.columns.get_mut(at)) {
            let reason = Some(reason(&found));
            column.personal = Some(PersonalData { kind: found.kind.as_str().to_owned(), tier: found.tier, reason });
        }
    }
}

/// One sentence on why, without a value in it.
fn reason(found: &Found) -> String {
    let (matched, seen) = (found.matched, found.seen);
    let kind = found.id.map_or_else(|| found.kind.plural().to_owned(), |id| format!("{id} numbers"));
    match (found.tier, found.named) {
        (Low, _) => format!("the name alone says that these are {kind}"),
        (Medium, true) if matched == 0 => format!("the name says that these are {kind}, and none of {seen} values shows it"),
        (Medium, true) => format!("the name says that these are {kind}, and {matched} of {seen} values are {kind}"),
        (Medium, false) => format!("{matched} of {seen} values are {kind}, and the name does not say so"),
        (_, true) => format!("{matched} of {seen} values are {kind}, and the name says so"),
        (_, false) => format!("{matched} of {seen} values are {kind}"),
    }
}

/// What a name says when there are no values to tell.
fn of_name(says: Opinion, column: &Column) -> Option<Found> {
    let Opinion::Tells(kind) = says else { return None };
    let fits = match column.data_type {
        LogicalType::Boolean | LogicalType::Binary | LogicalType::Time => false,
        LogicalType::Date | LogicalType::Timestamp => kind == Kind::BirthDate,
        LogicalType::Integer | LogicalType::Decimal | LogicalType::Float => is_number(kind),
        _ => true,
    };
    fits.then_some(Found { kind, tier: Low, matched: 0, seen: 0, named: true, id: None })
}

/// Whether values of this kind are ever stored as numbers.
fn is_number(kind: Kind) -> bool {
    use Kind::*;
    matches!(kind, Card | NationalId | Phone | Passport | DriverLicense | BankAccount | BirthDate)
}

fn of_values(evidence: &Evidence, says: Opinion, column: &Column) -> Option<Found> {
    let says = match says {
        // Whether there is such a thing, not what it is.
        Opinion::Tells(_) if share(evidence.flags, evidence.seen) > 0.5 && evidence.seen <= 5 => Opinion::Silent,
        // A word with other meanings counts when the values agree.
        Opinion::Hints(kind) if !matches!(kind, Kind::Name | Kind::Geo) => {
            let told = of_values(evidence, Opinion::Tells(kind), column);
            if told.is_some_and(|found| found.kind == kind && found.tier == High) {
                return told;
            }
            Opinion::Silent
        }
        says => says,
    };
    let found = if evidence.numbers {
        vec![
            card(evidence, says),
            national(evidence, says),
            phone(evidence, says),
            document(evidence, says),
            birth(evidence, says, column),
        ]
    } else {
        vec![
            clear(evidence, says, Kind::Email, evidence.emails),
            clear(evidence, says, Kind::Iban, evidence.ibans),
            card(evidence, says),
            national(evidence, says),
            ip(evidence, says),
            clear(evidence, says, Kind::Mac, evidence.macs),
            phone(evidence, says),
            address(evidence, says),
            name(evidence, says),
            document(evidence, says),
            birth(evidence, says, column),
            secret(evidence, says),
            free_text(evidence, says),
        ]
    };
    // What most values are; of equals what the name says, then what was asked for first.
    let weight = |found: &Found| (found.matched, says.supports(found.kind), std::cmp::Reverse(found.tier));
    let best = found.into_iter().flatten().reduce(|best, next| if weight(&next) > weight(&best) { next } else { best })?;
    // Where the name tells something else, somebody has to look.
    let disagree = matches!(says, Opinion::Tells(kind) if kind != best.kind && !goes_with(kind, best.kind));
    Some(if disagree { Found { tier: best.tier.max(Medium), ..best } } else { best })
}

/// Whether a name that tells one kind fits values of another.
fn goes_with(told: Kind, kind: Kind) -> bool {
    use Kind::*;
    matches!((told, kind), (UserName | Address, _) | (_, FreeText) | (DriverLicense | Passport | BankAccount, NationalId | Iban))
}

fn share(part: u32, all: u32) -> f64 {
    f64::from(part) / f64::from(all.max(1))
}

/// The outcome for a kind whose values are told by themselves: a third is enough where the name says so, else half.
fn clear(evidence: &Evidence, says: Opinion, kind: Kind, matched: u32) -> Option<Found> {
    let share = share(matched, evidence.seen);
    let named = says.tells(kind);
    let tier = match () {
        _ if named && share >= 0.3 => High,
        _ if named => Medium,
        _ if share >= 0.5 => High,
        _ if share >= 0.1 && matched >= 3 => Medium,
        _ => return None,
    };
    Some(Found { kind, tier, matched, seen: evidence.seen, named, id: None })
}

/// Whether `matched` of `seen` are far more than come by chance: most of them, and fewer than one in a million columns of other
/// numbers would have as many (Chernoff's bound).
fn beyond_chance(matched: u32, seen: u32, chance: f64) -> bool {
    let share = share(matched, seen);
    let chance = chance.clamp(1e-4, 0.99);
    let rest = 1.0 - share;
    let divergence = share * (share / chance).ln() + if rest > 0.0 { rest * (rest / (1.0 - chance)).ln() } else { 0.0 };
    share > chance.max(0.5) && f64::from(seen) * divergence >= 14.0
}

fn card(evidence: &Evidence, says: Opinion) -> Option<Found> {
    // A tenth of numbers has the check digit, and issuers have a fifth of them.
    let (kind, matched, named) = (Kind::Card, evidence.cards, says.tells(Kind::Card));
    let is_clear = beyond_chance(matched, evidence.codes, 0.02) && share(matched, evidence.seen) >= 0.3;
    let tier = match () {
        _ if named && share(matched, evidence.seen) >= 0.3 => High,
        _ if named && (evidence.accounts > 0 || !evidence.numbers) => Medium,
        _ if is_clear => High,
        _ if matched >= 5 && share(matched, evidence.seen) >= 0.2 => Medium,
        _ => return None,
    };
    Some(Found { kind, tier, matched, seen: evidence.seen, named, id: None })
}

fn national(evidence: &Evidence, says: Opinion) -> Option<Found> {
    let (kind, named, seen) = (Kind::NationalId, says.tells(Kind::NationalId), evidence.seen);
    let best = |of: fn(&[u32; 3]) -> u32| {
        IDS.iter().zip(&evidence.national).map(|(id, counts)| (of(counts), id)).max_by_key(|(count, _)| *count)
    };
    if named {
        let (matched, _) = best(|[shape, checked, evident]| shape + checked + evident)?;
        let fits = evidence.documents > 0 || matched > 0 || !evidence.numbers;
        return fits.then_some(Found {
            kind,
            tier: if share(matched, seen) >= 0.5 { High } else { Medium },
            matched,
            seen,
            named,
            id: None,
        });
    }
    let (evident, id) = best(|[_, _, evident]| *evident)?;
    let clear = clear(evidence, says, kind, evident).filter(|_| evident >= 3).map(|found| Found { id: Some(id.name), ..found });
    let checked = IDS.iter().zip(&evidence.national).filter_map(|(id, [_, checked, evident])| {
        let matched = checked + evident;
        // One rule among many, and other numbers have check digits of their own.
        let tier = match () {
            _ if !beyond_chance(matched, evidence.codes, id.chance) || share(matched, evidence.codes) < 0.8 => return None,
            _ if share(matched, seen) < 0.2 => return None,
            // A single check digit is what other numbers have too: customers', companies', books'.
            _ if id.chance >= 0.05 && says == Opinion::Denies => return None,
            _ if id.chance >= 0.05 => Medium,
            _ if says == Opinion::Denies
                || matched < 10
                || share(matched, evidence.codes) < 0.9
                || share(matched, seen) < 0.5 =>
            {
                Medium
            }
            _ => High,
        };
        Some(Found { kind, tier, matched, seen, named, id: Some(id.name) })
    });
    clear.into_iter().chain(checked).max_by_key(|found| (found.matched, std::cmp::Reverse(found.tier)))
}

fn ip(evidence: &Evidence, says: Opinion) -> Option<Found> {
    let found = clear(evidence, says, Kind::Ip, evidence.ips + evidence.small_ips)?;
    let large = share(evidence.ips, evidence.seen);
    let tier = match () {
        _ if found.named => found.tier,
        _ if says == Opinion::Denies && large < 0.5 || large < 0.1 => return None,
        _ if large < 0.3 => Medium,
        _ => found.tier,
    };
    Some(Found { tier, ..found })
}

fn phone(evidence: &Evidence, says: Opinion) -> Option<Found> {
    let (kind, named, seen) = (Kind::Phone, says.tells(Kind::Phone), evidence.seen);
    let [bare, grouped, evident] = evidence.phones;
    let all = bare + grouped + evident;
    if named {
        let fits = all > 0 || !evidence.numbers;
        return fits.then_some(Found {
            kind,
            tier: if share(all, seen) >= 0.5 { High } else { Medium },
            matched: all,
            seen,
            named,
            id: None,
        });
    }
    let clear = clear(evidence, says, kind, evident).filter(|_| evident >= 3);
    let written = grouped + evident;
    // Numbers of orders are all written in one way, telephone numbers of several places in several.
    let ways = evidence.layouts.count_ones();
    let like_phones = share(evidence.trunk + evident, seen) >= 0.3;
    let many = share(written, seen) >= 0.8 && written >= 5 && says != Opinion::Denies;
    let tier = match (&clear, many) {
        (_, true) if ways >= 4 && like_phones || share(evident, seen) >= 0.3 => High,
        (Some(clear), _) if clear.tier == High => High,
        (_, true) if ways >= 4 || ways >= 2 && like_phones => Medium,
        (Some(_), _) if says != Opinion::Denies => Medium,
        _ => return None,
    };
    let tier = if says == Opinion::Denies { Medium } else { tier };
    Some(Found { kind, tier, matched: written.max(evident), seen, named, id: None })
}

fn address(evidence: &Evidence, says: Opinion) -> Option<Found> {
    let (kind, named, seen) = (Kind::Address, says.tells(Kind::Address), evidence.seen);
    // `address` is also what e-mail and other addresses are called.
    let others = evidence.emails + evidence.ips + evidence.small_ips + evidence.macs;
    let (evident, all) = (evidence.addresses, evidence.addresses + evidence.likely_addresses);
    let tier = match () {
        _ if named && share(others, seen) >= 0.5 => return None,
        _ if named && share(all, seen) >= 0.3 => High,
        _ if named => Medium,
        _ if says == Opinion::Denies => return None,
        _ if share(evident, seen) >= 0.5 && evident >= 3 => High,
        _ if share(evident, seen) >= 0.25 && share(all, seen) >= 0.5 && evident >= 3 => Medium,
        _ => return None,
    };
    Some(Found { kind, tier, matched: if named { all } else { evident }, seen, named, id: None })
}

fn name(evidence: &Evidence, says: Opinion) -> Option<Found> {
    let Names { organisations, plausible, given, family, half, full } = evidence.names;
    let (kind, seen, named) = (Kind::Name, evidence.seen, says.supports(Kind::Name));
    let known = share(full + given + family, seen) + share(half, seen) / 2.0;
    let (plausible, shaped) = (share(plausible, seen), plausible);
    let organisations = share(organisations, seen);
    let together = share(full, seen) + share(half, seen) / 2.0;
    let tier = match says {
        Opinion::Tells(Kind::Name) if organisations > 0.2 => return None,
        Opinion::Tells(Kind::Name) if plausible >= 0.7 && known >= 0.15 || plausible >= 0.9 && known >= 0.05 => High,
        Opinion::Tells(Kind::Name) => Medium,
        Opinion::Hints(Kind::Name) if plausible < 0.6 || organisations > 0.2 => return None,
        Opinion::Hints(Kind::Name) if known >= 0.3 && seen >= 5 => High,
        Opinion::Hints(Kind::Name) if known >= 0.12 => Medium,
        Opinion::Hints(Kind::Name) => return None,
        // A word that is also somebody's name says little: cities, brands and colours are.
        Opinion::Denies if together < 0.6 || seen < 10 || organisations > 0.05 => return None,
        Opinion::Denies => Medium,
        _ if plausible < 0.85 || organisations > 0.05 || seen < 5 => return None,
        _ if together >= 0.4 || seen >= 10 && known >= 0.55 => High,
        _ if together >= 0.25 || seen >= 10 && known >= 0.45 => Medium,
        _ => return None,
    };
    let known = (full + given + family + half).min(seen);
    Some(Found { kind, tier, matched: if says.tells(kind) { shaped } else { known }, seen, named, id: None })
}

/// Numbers that are told by the name: their shape is everybody's.
fn document(evidence: &Evidence, says: Opinion) -> Option<Found> {
    let Opinion::Tells(kind) = says else { return None };
    let matched = match kind {
        Kind::Passport | Kind::DriverLicense => evidence.documents,
        Kind::BankAccount => evidence.accounts.max(evidence.ibans),
        _ => return None,
    };
    let tier = if share(matched, evidence.seen) >= 0.5 { High } else { Medium };
    (matched > 0 || !evidence.numbers).then_some(Found { kind, tier, matched, seen: evidence.seen, named: true, id: None })
}

fn birth(evidence: &Evidence, says: Opinion, column: &Column) -> Option<Found> {
    if !says.tells(Kind::BirthDate) {
        return None;
    }
    let statistics = column.statistics.as_ref()?;
    let year = |value: &Value| match value {
        Value::Int(value) => u64::try_from(*value).ok().map(|value| if value >= 10_000_000 { value / 10_000 } else { value }),
        Value::Text(text) => dates::year(text),
        _ => None,
    };
    let is_year = |value: &Option<Value>| value.as_ref().and_then(year).is_some_and(|year| dates::YEARS.contains(&year));
    let counted = matches!(column.time_encoding, Some(TimeEncoding::UnixSeconds | TimeEncoding::UnixMillis));
    let (matched, tier) = if evidence.numbers {
        let fits = counted || is_year(&statistics.min) && is_year(&statistics.max);
        fits.then_some((evidence.seen, High))?
    } else {
        let matched = evidence.dates;
        (matched, if share(matched, evidence.seen) >= 0.5 { High } else { Medium })
    };
    Some(Found { kind: Kind::BirthDate, tier, matched, seen: evidence.seen, named: true, id: None })
}

/// What a name calls a password is kept even where it looks like none.
fn secret(evidence: &Evidence, says: Opinion) -> Option<Found> {
    let kind = match says {
        Opinion::Tells(kind @ (Kind::Secret | Kind::UserName)) => kind,
        _ => return None,
    };
    let tier = match kind {
        Kind::UserName => Low,
        _ if share(evidence.hashes, evidence.seen) >= 0.5 => High,
        _ => Medium,
    };
    let matched = if kind == Kind::Secret { evidence.hashes } else { 0 };
    Some(Found { kind, tier, matched, seen: evidence.seen, named: true, id: None })
}

fn free_text(evidence: &Evidence, says: Opinion) -> Option<Found> {
    let [all, names, data] = evidence.prose;
    if share(all, evidence.seen) < 0.3 {
        return None;
    }
    let matched = names + data;
    let tier = match () {
        _ if share(data, evidence.seen) >= 0.1 && data >= 3 => High,
        _ if data >= 2 => Medium,
        // Names stand in texts on products and films as well.
        _ if names >= 5 && share(names, evidence.seen) >= 0.25 && says != Opinion::Denies => Medium,
        _ => return None,
    };
    Some(Found { kind: Kind::FreeText, tier, matched, seen: evidence.seen, named: false, id: None })
}

/// Whether `table` has a column for this axis: `lat` or `lon`, told by their second letter.
fn has_axis(table: &Table, second: char) -> bool {
    table.columns.iter().any(|column| {
        opinion(&column.name, column.data_type, "") == Opinion::Hints(Kind::Geo)
            && column.name.to_lowercase().rsplit(['_', ' ', '.']).next().is_some_and(|word| word.chars().nth(1) == Some(second))
    })
}

/// Coordinates: degrees with a fraction, in a column called so.
fn geo(table: &Table, at: usize) -> Option<Found> {
    let column = table.columns.get(at)?;
    if !column.is_numeric() || opinion(&column.name, column.data_type, "") != Opinion::Hints(Kind::Geo) {
        return None;
    }
    let statistics = column.statistics.as_ref()?;
    let (low, high) = (statistics.min.as_ref()?.as_f64()?, statistics.max.as_ref()?.as_f64()?);
    let is_fractional = matches!(statistics.min, Some(Value::Float(value)) if value.fract() != 0.0)
        || matches!(statistics.max, Some(Value::Float(value)) if value.fract() != 0.0);
    let fits = low >= -180.0 && high <= 180.0 && is_fractional;
    let matched = u32::try_from(statistics.distinct).unwrap_or(u32::MAX);
    fits.then_some(Found { kind: Kind::Geo, tier: High, matched, seen: matched, named: true, id: None })
}
