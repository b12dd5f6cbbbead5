//! Names and vocabulary of the sample company. People, addresses and numbers are made up; e-mail domains and telephone ranges are
//! those reserved for examples.

pub(super) const FIRST_NAMES: &[&str] = &[
    "Amelia", "Oliver", "Isla", "George", "Ava", "Noah", "Mia", "Arthur", "Freya", "Leo", "Lily", "Oscar", "Sofia", "Theo",
    "Emma", "Lukas", "Hanna", "Felix", "Lena", "Jonas", "Marie", "Paul", "Clara", "Jürgen", "Björn", "Astrid", "Søren", "Ingrid",
    "Magnus", "Elin", "Camille", "Hugo", "Chloé", "Louis", "Inès", "Jules", "Lucía", "Mateo", "Giulia", "Marco", "Beatriz",
    "João", "Siobhán", "Aoife", "Conor", "Grace", "Ethan", "Madison", "Tyler", "Harper", "Priya", "Arjun", "Yuki", "Wei",
    "Fatima", "Omar", "Zofia", "Piotr", "Sanne", "Daan",
];

pub(super) const LAST_NAMES: &[&str] = &[
    "Smith",
    "Jones",
    "Taylor",
    "Brown",
    "Wilson",
    "Evans",
    "Walker",
    "Wright",
    "Hughes",
    "Green",
    "Müller",
    "Schmidt",
    "Schneider",
    "Fischer",
    "Weber",
    "Wagner",
    "Becker",
    "Hoffmann",
    "Koch",
    "Huber",
    "Martin",
    "Bernard",
    "Dubois",
    "Laurent",
    "Moreau",
    "Lefèvre",
    "Janssen",
    "de Vries",
    "Bakker",
    "Peeters",
    "Andersson",
    "Johansson",
    "Hansen",
    "Olsen",
    "Nielsen",
    "Virtanen",
    "García",
    "López",
    "Rossi",
    "Ferrari",
    "Silva",
    "Santos",
    "O'Brien",
    "Murphy",
    "Kelly",
    "Walsh",
    "Johnson",
    "Williams",
    "Davis",
    "Miller",
    "Nguyen",
    "Patel",
    "Singh",
    "Khan",
    "Kowalska",
    "Tremblay",
    "Roy",
    "Tanaka",
    "Chen",
    "Ødegård",
];

pub(super) const STREETS: &[&str] = &[
    "High Street",
    "Station Road",
    "Mill Lane",
    "Hauptstraße",
    "Bergweg",
    "Rue de la Gare",
    "Kerkstraat",
    "Storgatan",
    "Calle Mayor",
    "Via Roma",
    "Maple Avenue",
    "Oak Drive",
];

/// A region: its name, its share of customers in per cent, its countries.
pub(super) struct Region {
    pub(super) name: &'static str,
    pub(super) share: u32,
    pub(super) countries: &'static [Country],
}

/// A country: its name, the letters of its account numbers (none where IBANs are not used), cities.
pub(super) struct Country {
    pub(super) name: &'static str,
    pub(super) letters: &'static str,
    pub(super) cities: &'static [&'static str],
}

const fn country(name: &'static str, letters: &'static str, cities: &'static [&'static str]) -> Country {
    Country { name, letters, cities }
}

pub(super) const REGIONS: &[Region] = &[
    Region {
        name: "British Isles",
        share: 30,
        countries: &[
            country("United Kingdom", "GB", &["London", "Manchester", "Leeds", "Bristol", "Edinburgh", "Sheffield"]),
            country("Ireland", "IE", &["Dublin", "Cork", "Galway"]),
        ],
    },
    Region {
        name: "Central Europe",
        share: 24,
        countries: &[
            country("Germany", "DE", &["Berlin", "Hamburg", "München", "Köln", "Leipzig", "Freiburg"]),
            country("Austria", "AT", &["Wien", "Graz", "Innsbruck"]),
            country("Switzerland", "CH", &["Zürich", "Bern"]),
        ],
    },
    Region {
        name: "Western Europe",
        share: 17,
        countries: &[
            country("France", "FR", &["Paris", "Lyon", "Grenoble", "Nantes"]),
            country("Netherlands", "NL", &["Amsterdam", "Utrecht", "Rotterdam"]),
            country("Belgium", "BE", &["Brussels", "Gent"]),
        ],
    },
    Region {
        name: "Nordics",
        share: 12,
        countries: &[
            country("Sweden", "SE", &["Stockholm", "Göteborg", "Umeå"]),
            country("Norway", "NO", &["Oslo", "Bergen", "Tromsø"]),
            country("Denmark", "DK", &["København", "Aarhus"]),
            country("Finland", "FI", &["Helsinki", "Tampere"]),
        ],
    },
    Region {
        name: "Southern Europe",
        share: 10,
        countries: &[
            country("Spain", "ES", &["Madrid", "Barcelona", "Bilbao"]),
            country("Italy", "IT", &["Milano", "Torino", "Bolzano"]),
            country("Portugal", "PT", &["Lisboa", "Porto"]),
        ],
    },
    Region {
        name: "North America",
        share: 7,
        countries: &[
            country("United States", "", &["Denver", "Seattle", "Portland", "Boston"]),
            country("Canada", "", &["Vancouver", "Calgary", "Montréal"]),
        ],
    },
];

/// A category: its name, description, share of products, lowest and highest price in EUR, returns per 1,000 lines, what its
/// products are called, and its season.
pub(super) struct Category {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) products: u32,
    pub(super) price: (i64, i64),
    pub(super) returned: u32,
    pub(super) nouns: &'static [&'static str],
    pub(super) season: Season,
}

/// When a category sells.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Season {
    Summer,
    Winter,
    Always,
}

impl Season {
    /// Weight of a month (0 is January) in per cent.
    pub(super) fn weight(self, month: usize) -> u32 {
        const SUMMER: [u32; 12] = [50, 60, 85, 115, 150, 165, 150, 120, 80, 60, 60, 70];
        const WINTER: [u32; 12] = [145, 120, 95, 70, 55, 50, 55, 75, 110, 140, 160, 155];
        match self {
            Self::Summer => SUMMER[month % 12],
            Self::Winter => WINTER[month % 12],
            Self::Always => 100,
        }
    }
}

pub(super) const CATEGORIES: &[Category] = &[
    Category {
        name: "Tents",
        description: "Shelters for one to eight",
        products: 22,
        price: (119, 649),
        returned: 42,
        nouns: &["Tent", "Tarp", "Bivy"],
        season: Season::Summer,
    },
    Category {
        name: "Backpacks",
        description: "Daypacks and trekking packs",
        products: 26,
        price: (39, 259),
        returned: 55,
        nouns: &["Daypack", "Trekking Pack", "Rucksack"],
        season: Season::Always,
    },
    Category {
        name: "Sleeping Bags",
        description: "Bags and mats",
        products: 20,
        price: (49, 389),
        returned: 38,
        nouns: &["Sleeping Bag", "Sleeping Mat", "Quilt"],
        season: Season::Summer,
    },
    Category {
        name: "Footwear",
        description: "Boots and shoes",
        products: 30,
        price: (59, 279),
        returned: 150,
        nouns: &["Hiking Boot", "Trail Shoe", "Sandal"],
        season: Season::Always,
    },
    Category {
        name: "Jackets",
        description: "Shells, down and fleece",
        products: 30,
        price: (59, 449),
        returned: 110,
        nouns: &["Shell Jacket", "Down Jacket", "Fleece"],
        season: Season::Winter,
    },
    Category {
        name: "Base Layers",
        description: "Merino and synthetic",
        products: 20,
        price: (19, 99),
        returned: 80,
        nouns: &["Merino Shirt", "Leggings", "Thermal Top"],
        season: Season::Winter,
    },
    Category {
        name: "Climbing",
        description: "Ropes, harnesses and hardware",
        products: 24,
        price: (9, 229),
        returned: 25,
        nouns: &["Harness", "Rope", "Quickdraw Set"],
        season: Season::Always,
    },
    Category {
        name: "Cooking",
        description: "Stoves and pots",
        products: 18,
        price: (9, 149),
        returned: 22,
        nouns: &["Stove", "Pot Set", "Mug"],
        season: Season::Summer,
    },
    Category {
        name: "Lighting",
        description: "Headlamps and lanterns",
        products: 14,
        price: (15, 129),
        returned: 30,
        nouns: &["Headlamp", "Lantern"],
        season: Season::Winter,
    },
    Category {
        name: "Navigation",
        description: "Maps, compasses and GPS",
        products: 12,
        price: (12, 399),
        returned: 35,
        nouns: &["Compass", "GPS Watch", "Altimeter"],
        season: Season::Always,
    },
    Category {
        name: "Water Sports",
        description: "Kayaks, boards and dry bags",
        products: 12,
        price: (19, 899),
        returned: 48,
        nouns: &["Kayak", "Paddle Board", "Dry Bag"],
        season: Season::Summer,
    },
    Category {
        name: "Accessories",
        description: "Bottles, poles, socks and the rest",
        products: 22,
        price: (5, 59),
        returned: 18,
        nouns: &["Bottle", "Trekking Poles", "Socks", "Cap"],
        season: Season::Always,
    },
];

pub(super) const BRANDS: &[&str] = &[
    "Ridgeline",
    "Alpenglow",
    "Fjordland",
    "Granite",
    "Larch",
    "Osprey Point",
    "Skyline",
    "Tarn",
    "Summit",
    "Wildwood",
    "Birch",
    "Cairn",
    "Glacier",
    "Heather",
    "Juniper",
    "Kestrel",
    "Lynx",
    "Moraine",
    "Nimbus",
    "Polaris",
    "Quartz",
    "Raven",
    "Sequoia",
    "Thistle",
];

pub(super) const VARIANTS: &[&str] = &["", " Lite", " Pro", " II", " 40", " XT"];

pub(super) const SUPPLIERS: &[(&str, &str)] = &[
    ("Nordfjell AS", "Norway"),
    ("Alpen Textil GmbH", "Germany"),
    ("Zhejiang Outdoor Co", "China"),
    ("Saigon Gear JSC", "Vietnam"),
    ("Dolomiti Scarpe SpA", "Italy"),
    ("Porto Têxtil Lda", "Portugal"),
    ("Great Lakes Supply Inc", "United States"),
    ("Dhaka Apparel Ltd", "Bangladesh"),
    ("Sheffield Hardware Ltd", "United Kingdom"),
    ("Kyoto Optics KK", "Japan"),
    ("Basque Ropes SL", "Spain"),
    ("Taipei Alloy Works", "Taiwan"),
];

pub(super) const PROMO_CODES: &[&str] = &["WELCOME", "OUTDOOR10", "FRIEND", "NEWSLETTER"];
pub(super) const CARRIERS: &[(&str, u32, i64)] =
    &[("DHL", 38, 2), ("UPS", 24, 3), ("PostNord", 16, 4), ("Royal Mail", 14, 3), ("GLS", 8, 6)];
pub(super) const REASONS: &[&str] = &["wrong size", "not as described", "damaged", "changed mind", "arrived late", "defective"];
pub(super) const TOPICS: &[(&str, u32)] =
    &[("delivery", 34), ("returns", 24), ("product question", 18), ("billing", 10), ("warranty", 9), ("website", 5)];
pub(super) const STORES: &[(&str, i64)] = &[("London Covent Garden", 310), ("Berlin Mitte", 240), ("Oslo Sentrum", 150)];
