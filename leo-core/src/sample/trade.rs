//! Three years of trade: orders, their lines, shipments and returns.

use rusqlite::{Connection, params};

use super::company::{Company, Customer, Segment};
use super::load::Loader;
use super::random::{Day, Random};
use super::words::{CARRIERS, CATEGORIES, PROMO_CODES, REASONS};
use crate::error::Result;

/// Days without an order: holidays, and a failure of the shop.
const CLOSED: &[&str] = &[
    "2022-12-25",
    "2023-01-01",
    "2023-12-25",
    "2024-01-01",
    "2024-03-09",
    "2024-03-10",
    "2024-03-11",
    "2024-12-25",
    "2025-01-01",
];

/// An order, as far as support needs it.
pub(super) struct Order {
    pub(super) id: i64,
    pub(super) customer: i64,
    pub(super) day: i64,
}

/// What was traded.
pub(super) struct Trade {
    pub(super) orders: Vec<Order>,
}

struct Books<'c> {
    orders: Loader<'c>,
    lines: Loader<'c>,
    shipments: Loader<'c>,
    returns: Loader<'c>,
    next_line: i64,
    next_shipment: i64,
    next_return: i64,
}

impl Trade {
    /// Lets the years pass, writing as they go.
    pub(super) fn run(connection: &Connection, company: &Company) -> Result<Self> {
        /// Orders by month and weekday in per cent of the mean.
        const MONTHS: [u32; 12] = [70, 75, 90, 100, 115, 125, 120, 105, 85, 85, 115, 125];
        const WEEKDAYS: [u32; 7] = [108, 100, 98, 102, 118, 98, 76];
        let mut random = Random::new(5);
        let mut books = Books {
            orders: Loader::new(connection, "orders", 8)?,
            lines: Loader::new(connection, "order_lines", 6)?,
            shipments: Loader::new(connection, "shipments", 7)?,
            returns: Loader::new(connection, "returns", 6)?,
            next_line: 1,
            next_shipment: 1,
            next_return: 1,
        };
        let shelves = shelves(company);
        let mut newcomers: Vec<Vec<usize>> = vec![Vec::new(); company.days.len() + 1];
        for (index, customer) in company.customers.iter().enumerate() {
            if let Some(first) = customer.first_order {
                newcomers[first as usize].push(index);
            }
        }
        let mut orders = Vec::new();
        let (mut known, mut totals): (Vec<usize>, Vec<u32>) = (Vec::new(), Vec::new());
        let mut waiting = Vec::new();
        for number in company.launch..=company.today {
            let day = company.days.at(number);
            waiting.append(&mut newcomers[number as usize]);
            if CLOSED.contains(&day.text.as_str()) {
                continue;
            }
            let growth = 9_300 + 14_500 * (number - company.launch) as u32 / (company.today - company.launch) as u32;
            let expected = growth / 100 * MONTHS[day.month] / 100 * WEEKDAYS[day.weekday] / 100 * (80 + random.below(41));
            let count = random.round(expected) as usize;
            let mut buyers = std::mem::take(&mut waiting);
            for index in &buyers {
                known.push(*index);
                totals.push(totals.last().copied().unwrap_or(0) + company.customers[*index].weight);
            }
            let mut misses = 0;
            while buyers.len() < count && !known.is_empty() {
                let buyer = returning(&mut random, company, &known, &totals, number);
                // One order a day, so that "came back" means another day.
                if buyers.contains(&buyer) {
                    misses += 1;
                    if misses > 50 {
                        break;
                    }
                    continue;
                }
                buyers.push(buyer);
            }
            for buyer in buyers {
                let customer = &company.customers[buyer];
                let id = 10_001 + orders.len() as i64;
                books.order(&mut random, company, &shelves, id, customer, number)?;
                orders.push(Order { id, customer: customer.id, day: number });
            }
        }
        Ok(Self { orders })
    }
}

/// A customer who orders again: by weight, and still interested if a few draws find one.
fn returning(random: &mut Random, company: &Company, known: &[usize], totals: &[u32], day: i64) -> usize {
    let mut buyer = known[random.cumulative(totals)];
    for _ in 0..12 {
        if company.customers[buyer].active_until >= day {
            break;
        }
        buyer = known[random.cumulative(totals)];
    }
    buyer
}

/// For each month, running totals of the products' weights in season.
fn shelves(company: &Company) -> Vec<Vec<u32>> {
    (0..12)
        .map(|month| {
            let mut total = 0;
            let weighted = company.products.iter().map(|product| {
                total += product.weight * CATEGORIES[product.category].season.weight(month) / 100;
                total
            });
            weighted.collect()
        })
        .collect()
}

impl Books<'_> {
    fn order(
        &mut self,
        random: &mut Random,
        company: &Company,
        shelves: &[Vec<u32>],
        id: i64,
        customer: &Customer,
        number: i64,
    ) -> Result<()> {
        let day = company.days.at(number);
        let age = company.today - number;
        let channels: [u32; 4] = match customer.segment {
            Segment::Consumer => [72, 20, 6, 2],
            Segment::Business => [38, 8, 22, 32],
            Segment::Wholesale => [8, 0, 24, 68],
        };
        let channel = ["web", "store", "phone", "partner"][random.weighted(&channels)];
        let employee = (channel != "web" && random.chance(960)).then(|| random.pick(&company.sales_staff));
        let status = match age {
            0..=1 => "processing",
            2..=60 if random.chance(12) => "on hold",
            2..=7 => "shipped",
            _ => "delivered",
        };
        let fee = match (channel, customer.region) {
            ("store", _) => 0.0,
            _ if random.chance(350) => 0.0,
            (_, 5) => 14.5,
            (_, 0 | 1) => 4.75,
            _ => 7.25,
        };
        let promo = random
            .chance(if day.month == 10 { 240 } else { 90 })
            .then(|| if day.month == 10 { "BLACKFRIDAY" } else { random.pick(PROMO_CODES) });
        self.orders.insert(params![id, customer.id, employee, day.text, channel, status, fee, promo])?;
        self.order_lines(random, company, shelves, id, customer, number, status == "delivered")?;
        if channel != "store" && (status == "shipped" || status == "delivered") {
            let parcels = if random.chance(30) { 2 } else { 1 };
            for _ in 0..parcels {
                self.shipment(random, company, id, number, status == "delivered")?;
            }
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn order_lines(
        &mut self,
        random: &mut Random,
        company: &Company,
        shelves: &[Vec<u32>],
        order: i64,
        customer: &Customer,
        number: i64,
        delivered: bool,
    ) -> Result<()> {
        let day = company.days.at(number);
        let mut taken = Vec::with_capacity(6);
        for _ in 0..=random.weighted(&[36, 28, 17, 10, 6, 3]) {
            let Some(at) = (0..20).map(|_| random.cumulative(&shelves[day.month])).find(|at| {
                let product = &company.products[*at];
                product.weight > 0 && !taken.contains(at) && (product.sold.0..=product.sold.1).contains(&number)
            }) else {
                continue;
            };
            taken.push(at);
            let product = &company.products[at];
            let category = &CATEGORIES[product.category];
            let quantity = match customer.segment {
                Segment::Consumer => [1, 2, 3, 4][random.weighted(&[76, 17, 5, 2])],
                Segment::Business => random.between(1, 6),
                Segment::Wholesale => random.between(4, 24),
            };
            // Prices rise by 3 % each January and stay whole quarters of a euro.
            let years = i64::from(day.date.year() - 2025);
            let price = (product.price * (100 + 3 * years) / 100).max(4) as f64 / 4.0;
            let discount = discount(random, customer.segment, day);
            let line = self.next_line;
            self.next_line += 1;
            self.lines.insert(params![line, order, product.id, quantity, price, discount])?;
            let back = number + random.between(8, 45);
            if delivered && random.chance(category.returned) && back <= company.today {
                let returned = random.between(1, quantity);
                let refund = price * returned as f64 * (1.0 - discount);
                let reason = random.chance(940).then(|| match category.name {
                    "Footwear" | "Jackets" | "Base Layers" if random.chance(550) => REASONS[0],
                    _ => random.pick(REASONS),
                });
                let id = self.next_return;
                self.next_return += 1;
                self.returns.insert(params![id, line, company.days.at(back).text, returned, reason, refund])?;
            }
        }
        Ok(())
    }

    fn shipment(&mut self, random: &mut Random, company: &Company, order: i64, number: i64, delivered: bool) -> Result<()> {
        let weights: Vec<u32> = CARRIERS.iter().map(|carrier| carrier.1).collect();
        let (carrier, _, days) = CARRIERS[random.weighted(&weights)];
        let shipped = (number + [0, 1, 1, 2, 3][random.below(5) as usize]).min(company.today);
        let mut arrival = shipped + random.between(1, days * 2);
        if random.chance(35) {
            arrival += random.between(4, 12);
        }
        let arrived = delivered && arrival <= company.today && !random.chance(9);
        let tracking = random
            .chance(970)
            .then(|| format!("{}{:09}", carrier.get(..2).unwrap_or("XX").to_uppercase(), random.below(1_000_000_000)));
        let id = self.next_shipment;
        self.next_shipment += 1;
        self.shipments.insert(params![
            id,
            order,
            carrier,
            tracking,
            company.days.at(shipped).text,
            arrived.then(|| company.days.at(arrival).text.as_str()),
            random.between(12, 60) as f64 / 4.0,
        ])
    }
}

/// A fraction that is exact in binary.
fn discount(random: &mut Random, segment: Segment, day: &Day) -> f64 {
    let sale = day.month == 10 && day.date.day() > 20 || day.month == 6 && day.date.day() > 14;
    match segment {
        Segment::Wholesale => 0.25,
        Segment::Business if random.chance(500) => 0.125,
        _ if sale && random.chance(400) => 0.25,
        _ if random.chance(70) => 0.125,
        _ if random.chance(8) => 0.5,
        _ => 0.0,
    }
}
