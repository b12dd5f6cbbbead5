//! Who the company is and what it sells: settings, regions, categories, suppliers, products, customers, employees.

use rusqlite::{Connection, params};

use super::load::Loader;
use super::random::{Days, Random};
use super::words::{self, CATEGORIES, REGIONS};
use super::{AS_OF, FIRST_DAY};
use crate::error::Result;

/// A product, as far as trade needs it.
pub(super) struct Product {
    pub(super) id: i64,
    /// Index into [`CATEGORIES`].
    pub(super) category: usize,
    /// Quarters of a euro.
    pub(super) price: i64,
    /// First and last day it is sold.
    pub(super) sold: (i64, i64),
    /// How often it is asked for; 0 is never.
    pub(super) weight: u32,
}

/// How much a customer buys at a time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Segment {
    Consumer,
    Business,
    Wholesale,
}

/// A customer, as far as trade needs it.
pub(super) struct Customer {
    pub(super) id: i64,
    /// Index into [`REGIONS`].
    pub(super) region: usize,
    pub(super) segment: Segment,
    /// Day of the first order; none for those who only signed up.
    pub(super) first_order: Option<i64>,
    /// After this day the customer has lost interest.
    pub(super) active_until: i64,
    pub(super) weight: u32,
}

/// The company with its calendar.
pub(super) struct Company {
    pub(super) days: Days,
    /// The day numbered 0 in orders is this day of `days`.
    pub(super) launch: i64,
    pub(super) today: i64,
    pub(super) products: Vec<Product>,
    pub(super) customers: Vec<Customer>,
    pub(super) sales_staff: Vec<i64>,
    pub(super) support_staff: Vec<i64>,
}

impl Company {
    /// Makes everything that is there before the first order, and writes it.
    pub(super) fn found(connection: &Connection) -> Result<Self> {
        let days = Days::new(jiff::civil::date(2019, 1, 1), AS_OF);
        let (launch, today) = (days.index(FIRST_DAY), days.index(AS_OF));
        write_lists(connection)?;
        let products = products(connection, &days, launch, today)?;
        let customers = customers(connection, &days, launch, today)?;
        let (sales_staff, support_staff) = employees(connection, &days, today)?;
        Ok(Self { days, launch, today, products, customers, sales_staff, support_staff })
    }
}

fn write_lists(connection: &Connection) -> Result<()> {
    let mut settings = Loader::new(connection, "settings", 2)?;
    for (key, value) in [
        ("as_of_date", AS_OF.to_string().as_str()),
        ("company_name", "Alder & Pine Outfitters"),
        ("currency", "EUR"),
        ("fiscal_year_start", "4"),
        ("support_hours", "08:00-18:00"),
        ("tax_included", "no"),
    ] {
        settings.insert(params![key, value])?;
    }
    let mut regions = Loader::new(connection, "regions", 2)?;
    for (index, region) in REGIONS.iter().enumerate() {
        regions.insert(params![index as i64 + 1, region.name])?;
    }
    let mut categories = Loader::new(connection, "categories", 3)?;
    for (index, category) in CATEGORIES.iter().enumerate() {
        categories.insert(params![index as i64 + 1, category.name, category.description])?;
    }
    let mut random = Random::new(1);
    let mut suppliers = Loader::new(connection, "suppliers", 4)?;
    for (index, (name, country)) in words::SUPPLIERS.iter().enumerate() {
        let lead = (index != 7).then(|| random.between(5, 60));
        suppliers.insert(params![index as i64 + 1, name, country, lead])?;
    }
    Ok(())
}

fn products(connection: &Connection, days: &Days, launch: i64, today: i64) -> Result<Vec<Product>> {
    let mut random = Random::new(2);
    let mut loader = Loader::new(connection, "products", 12)?;
    let mut products = Vec::new();
    let mut names = std::collections::BTreeSet::new();
    for (category_index, category) in CATEGORIES.iter().enumerate() {
        for rank in 0..category.products {
            let id = 101 + products.len() as i64;
            let name = loop {
                let (brand, noun) = (random.pick(words::BRANDS), random.pick(category.nouns));
                let name = format!("{brand} {noun}{}", random.pick(words::VARIANTS));
                if names.insert(name.clone()) {
                    break name;
                }
            };
            // The dearest products are rare: the lower of two draws.
            let (low, high) = (category.price.0 * 4, category.price.1 * 4);
            let price = random.between(low, high).min(random.between(low, high));
            let cost = price * random.between(38, 66) / 100;
            let launched = if random.chance(650) { random.between(0, launch - 30) } else { random.between(launch, today - 60) };
            let discontinued = launched < launch && random.chance(90);
            let last_day = if discontinued { random.between(launch + 200, today - 30) } else { today };
            // The last product of most categories has never been ordered.
            let never = rank + 1 == category.products && category_index != 1;
            let weight = if never { 0 } else { 6_000 / (rank * 3 + 8 + random.below(6)) };
            let size = random.chance(930).then(|| random.between(6, 190));
            let kilograms = random.chance(960).then(|| random.between(1, 90) as f64 / 8.0);
            let supplier = random.chance(985).then(|| random.between(1, words::SUPPLIERS.len() as i64));
            let stock = if discontinued { 0 } else { random.between(0, 400) };
            loader.insert(params![
                id,
                name,
                format!("{}-{:04}", category.name.get(..2).unwrap_or("XX").to_uppercase(), 1000 + id * 7),
                category_index as i64 + 1,
                supplier,
                price as f64 / 4.0,
                cost as f64 / 4.0,
                size,
                kilograms,
                days.at(launched).text,
                discontinued,
                stock,
            ])?;
            products.push(Product { id, category: category_index, price, sold: (launched.max(launch), last_day), weight });
        }
    }
    Ok(products)
}

fn customers(connection: &Connection, days: &Days, launch: i64, today: i64) -> Result<Vec<Customer>> {
    let mut random = Random::new(3);
    let mut loader = Loader::new(connection, "customers", 15)?;
    let mut customers = Vec::new();
    let shares: Vec<u32> = REGIONS.iter().map(|region| region.share).collect();
    for day in launch - 60..=today {
        // Accounts taken over from the old system, then growth.
        let expected = if day < launch { 4_000 } else { 1_050 + 1_800 * (day - launch) as u32 / (today - launch) as u32 };
        let noise = 70 + random.below(61);
        for _ in 0..random.round(expected * noise / 100) {
            let id = 1001 + customers.len() as i64;
            let region = random.weighted(&shares);
            let countries = REGIONS[region].countries;
            // The first country of a region is its largest.
            let weights: Vec<u32> = (0..countries.len()).map(|rank| if rank == 0 { 6 } else { 2 }).collect();
            let country = &countries[random.weighted(&weights)];
            let segment = [Segment::Consumer, Segment::Business, Segment::Wholesale][random.weighted(&[81, 15, 4])];
            let (first, last) = (random.pick(words::FIRST_NAMES), random.pick(words::LAST_NAMES));
            let domain = random.pick(&["example.com", "example.org", "example.net"]);
            let email = random.chance(970).then(|| format!("{}.{}{}@{domain}", ascii(first), ascii(last), id % 97));
            let born = (segment == Segment::Consumer && random.chance(800)).then(|| birthday(&mut random));
            let street = random.chance(950).then(|| format!("{} {}", random.pick(words::STREETS), random.between(1, 180)));
            let postcode = random.chance(960).then(|| format!("{:05}", random.between(1_000, 99_999)));
            let banked = random.chance(if segment == Segment::Consumer { 200 } else { 800 });
            loader.insert(params![
                id,
                first,
                last,
                email,
                phone(&mut random, region),
                born,
                street,
                postcode,
                random.pick(country.cities),
                country.name,
                region as i64 + 1,
                match segment {
                    Segment::Consumer => "Consumer",
                    Segment::Business => "Business",
                    Segment::Wholesale => "Wholesale",
                },
                if banked { iban(&mut random, country.letters) } else { None },
                days.at(day).text,
                random.chance(420),
            ])?;
            let first_order = (!random.chance(75)).then(|| if random.chance(600) { day } else { day + random.between(1, 21) });
            let first_order = first_order.map(|first| first.max(launch)).filter(|first| *first <= today);
            let lasting = if segment == Segment::Consumer { random.between(20, 700) } else { random.between(150, 1_400) };
            let size = if segment == Segment::Wholesale { 3 } else { 1 };
            customers.push(Customer {
                id,
                region,
                segment,
                first_order,
                active_until: first_order.unwrap_or(day) + lasting,
                weight: size * 40_000 / (18 + random.below(1_000)),
            });
        }
    }
    Ok(customers)
}

type Staff = (Vec<i64>, Vec<i64>);

fn employees(connection: &Connection, days: &Days, today: i64) -> Result<Staff> {
    /// Department, title of its head, title of its members, number of members, salary of a member.
    const DEPARTMENTS: &[(&str, &str, &str, i64, i64)] = &[
        ("Sales", "Head of Sales", "Sales Representative", 12, 42_000),
        ("Support", "Head of Support", "Support Agent", 8, 36_000),
        ("Warehouse", "Warehouse Manager", "Picker", 10, 31_000),
        ("Marketing", "Head of Marketing", "Marketing Specialist", 5, 46_000),
        ("Finance", "Chief Financial Officer", "Accountant", 4, 52_000),
        ("IT", "Head of IT", "Software Engineer", 5, 64_000),
        ("Human Resources", "Head of Human Resources", "Recruiter", 2, 45_000),
    ];
    let mut random = Random::new(4);
    let mut loader = Loader::new(connection, "employees", 9)?;
    let (mut sales, mut support, mut next) = (Vec::new(), Vec::new(), 1_i64);
    let mut hire = |title: &str, department: &str, manager: Option<i64>, salary: i64, earliest: i64| -> Result<i64> {
        let id = next;
        next += 1;
        let (first, last) = (random.pick(words::FIRST_NAMES), random.pick(words::LAST_NAMES));
        let hired = random.between(earliest, today - 90);
        let salary = salary * random.between(88, 128) / 100 / 100 * 100;
        let email = format!("{}.{}@alderpine.example", ascii(first), ascii(last));
        loader.insert(params![id, first, last, email, title, department, manager, days.at(hired).text, salary])?;
        Ok(id)
    };
    let chief = hire("Chief Executive Officer", "Management", None, 160_000, 0)?;
    for (department, head, title, members, salary) in DEPARTMENTS {
        let head = hire(head, department, Some(chief), salary * 2, 0)?;
        for _ in 0..*members {
            let id = hire(title, department, Some(head), *salary, 200)?;
            match *department {
                "Sales" => sales.push(id),
                "Support" => support.push(id),
                _ => {}
            }
        }
    }
    Ok((sales, support))
}

fn birthday(random: &mut Random) -> String {
    format!("{}-{:02}-{:02}", random.between(1948, 2005), random.between(1, 12), random.between(1, 28))
}

/// A number out of the ranges reserved for fiction, where the region has one.
fn phone(random: &mut Random, region: usize) -> Option<String> {
    let number = random.below(1000);
    if random.chance(180) {
        return None;
    }
    match region {
        0 => Some(format!("+44 7700 900{number:03}")),
        1 => Some(format!("+49 30 23125 {number:03}")),
        2 => Some(format!("+33 1 99 00 {:02} {:02}", number / 100, number % 100)),
        3 => Some(format!("+46 70 174 06 {:02}", 5 + number % 95)),
        5 => Some(format!("+1 202-555-01{:02}", number % 100)),
        _ => None,
    }
}

/// A made-up account number with right check digits, for countries whose numbers are digits only.
fn iban(random: &mut Random, country: &str) -> Option<String> {
    let digits = match country {
        "DE" => 18,
        "AT" => 16,
        "CH" => 17,
        "BE" => 12,
        "SE" | "ES" => 20,
        "NO" => 11,
        "DK" | "FI" => 14,
        "PT" => 21,
        _ => return None,
    };
    let account: String = (0..digits).map(|_| char::from(b'0' + random.below(10) as u8)).collect();
    let letters: String = country.bytes().map(|letter| (u32::from(letter) - 55).to_string()).collect();
    let rest = format!("{account}{letters}00").bytes().fold(0_u32, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
    Some(format!("{country}{:02}{account}", 98 - rest))
}

/// A name as people write it in an e-mail address.
fn ascii(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for letter in name.to_lowercase().chars() {
        match letter {
            'a'..='z' => text.push(letter),
            'ü' | 'ú' => text.push('u'),
            'ö' | 'ø' | 'ó' | 'ã' => text.push('o'),
            'é' | 'è' => text.push('e'),
            'á' | 'å' => text.push('a'),
            'í' | 'ï' => text.push('i'),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn account_numbers_pass_their_own_check() {
        let mut random = Random::new(99);
        for country in ["DE", "AT", "PT"] {
            let iban = iban(&mut random, country).unwrap();
            let moved = format!("{}{}", &iban[4..], &iban[..4]);
            let digits: String = moved.chars().map(|letter| letter.to_digit(36).unwrap().to_string()).collect();
            assert_eq!(digits.bytes().fold(0_u32, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97), 1);
        }
        assert!(iban(&mut random, "").is_none());
    }
}
