//! What goes on around the trade: support tickets, the web shop's events, store visits, and what is left of the old system.

use rusqlite::{Connection, params};

use super::company::Company;
use super::load::Loader;
use super::random::Random;
use super::trade::Trade;
use super::words::{FIRST_NAMES, LAST_NAMES, STORES, TOPICS};
use crate::error::Result;

/// Writes everything.
pub(super) fn run(connection: &Connection, company: &Company, trade: &Trade) -> Result<()> {
    tickets(connection, company, trade)?;
    events(connection, company)?;
    visits(connection, company)?;
    legacy(connection)
}

fn tickets(connection: &Connection, company: &Company, trade: &Trade) -> Result<()> {
    let mut random = Random::new(6);
    let mut loader = Loader::new(connection, "support_tickets", 9)?;
    let weights: Vec<u32> = TOPICS.iter().map(|topic| topic.1).collect();
    let mut id = 0_i64;
    // Along the orders, so that tickets come in the order they were opened.
    for order in &trade.orders {
        if !random.chance(165) {
            continue;
        }
        id += 1;
        let topic = TOPICS[random.weighted(&weights)].0;
        let about_order = random.chance(640);
        let customer = match random.below(1000) {
            // Accounts that were deleted since: rows without their parent.
            0..12 => Some(900_000 + random.between(1, 40)),
            12..100 => None,
            _ => Some(order.customer),
        };
        let opened = (order.day, random.between(7 * 60, 22 * 60));
        let age = company.today - opened.0;
        let hours = random.between(1, 30) * random.between(1, 6);
        let closed_minute = opened.1 + hours * 60 + random.between(0, 59);
        let closed = (opened.0 + closed_minute / 1440, closed_minute % 1440);
        let open = closed.0 > company.today || age < 40 && random.chance(110);
        let stamp = |(day, minute): (i64, i64)| format!("{} {:02}:{:02}:00", company.days.at(day).text, minute / 60, minute % 60);
        let happy: [u32; 5] = if hours < 24 { [3, 5, 12, 34, 46] } else { [16, 18, 26, 24, 16] };
        loader.insert(params![
            id,
            customer,
            about_order.then_some(order.id),
            random.chance(980).then(|| random.pick(&company.support_staff)),
            stamp(opened),
            (!open).then(|| stamp(closed)),
            topic,
            ["low", "normal", "high", "urgent"][random.weighted(&[22, 55, 17, 6])],
            (!open && random.chance(560)).then(|| random.weighted(&happy) as i64 + 1),
        ])?;
    }
    Ok(())
}

fn events(connection: &Connection, company: &Company) -> Result<()> {
    let mut random = Random::new(7);
    let mut loader = Loader::new(connection, "web_events", 8)?;
    let totals: Vec<u32> = company
        .products
        .iter()
        .scan(0, |total, product| {
            *total += product.weight + 4;
            Some(*total)
        })
        .collect();
    let customers: Vec<i64> = company.customers.iter().map(|customer| customer.id).collect();
    let (mut id, mut session) = (0_i64, 0_i64);
    for day in company.today - 364..=company.today {
        let start =
            i64::from(company.days.at(day).date.since(jiff::civil::date(1970, 1, 1)).map_or(0, |span| span.get_days())) * 86_400;
        let count = random.between(4, 11);
        let mut hours: Vec<i64> = (0..count).map(|_| random.between(6 * 3600, 23 * 3600)).collect();
        hours.sort_unstable();
        for hour in hours {
            session += 1;
            let customer = random.chance(430).then(|| random.pick(&customers));
            let device = random.chance(975).then(|| ["mobile", "desktop", "tablet"][random.weighted(&[57, 35, 8])]);
            // Addresses reserved for documentation.
            let address = format!("203.0.113.{}", random.below(254) + 1);
            let mut moment = start + hour;
            let steps = 1 + random.weighted(&[22, 24, 20, 14, 10, 6, 4]);
            let bought = customer.is_some() && steps >= 4 && random.chance(420);
            for step in 0..steps {
                let kind = match steps - step {
                    1 if bought => "purchase",
                    2 if bought => "checkout",
                    3 if bought => "add_to_cart",
                    _ => ["page_view", "search", "add_to_cart"][random.weighted(&[70, 20, if bought { 0 } else { 10 }])],
                };
                let product = (kind == "add_to_cart" || kind == "page_view" && random.chance(700))
                    .then(|| company.products[random.cumulative(&totals)].id);
                id += 1;
                loader.insert(params![id, format!("s{session:06}"), customer, product, kind, moment, device, address])?;
                moment += random.between(5, 240);
            }
        }
    }
    Ok(())
}

fn visits(connection: &Connection, company: &Company) -> Result<()> {
    const WEEKDAYS: [i64; 7] = [80, 82, 85, 95, 120, 165, 70];
    let mut random = Random::new(8);
    let mut loader = Loader::new(connection, "\"store visits\"", 4)?;
    for number in company.launch..=company.today {
        let day = company.days.at(number);
        for (store, usual) in STORES {
            let holiday = day.text.ends_with("12-25") || day.text.ends_with("01-01");
            if holiday || day.weekday == 6 && !store.starts_with("London") || random.chance(4) {
                continue;
            }
            let visitors = usual * WEEKDAYS[day.weekday] * random.between(80, 120) / 10_000;
            loader.insert(params![day.text, store, visitors, if day.weekday == 6 { 6 } else { 10 }])?;
        }
    }
    Ok(())
}

fn legacy(connection: &Connection) -> Result<()> {
    let mut random = Random::new(9);
    let mut loader = Loader::new(connection, "crm_ord_hist", 6)?;
    let mut dates: Vec<i64> = (0..1_500)
        .map(|_| {
            let year = random.between(2019, 2022);
            let month = random.between(1, if year == 2022 { 6 } else { 12 });
            year * 10_000 + month * 100 + random.between(1, 28)
        })
        .collect();
    dates.sort_unstable();
    for (index, date) in dates.into_iter().enumerate() {
        let customer = random.between(1, 420);
        let name = format!("{}, {}", random.pick(LAST_NAMES), random.pick(FIRST_NAMES));
        let amount = random.chance(990).then(|| random.between(40, 2_400) as f64 / 4.0);
        let status = ["C", "O", "X"][random.weighted(&[93, 2, 5])];
        loader.insert(params![index as i64 + 1, customer, random.chance(985).then_some(name), date, amount, status])?;
    }
    Ok(())
}
