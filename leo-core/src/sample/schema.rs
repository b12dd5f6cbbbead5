//! The tables of the sample company. Comments stand where SQLite keeps them: in the text of `CREATE`.

/// Tables, in the order in which they are filled.
pub(super) const TABLES: &str = r#"
CREATE TABLE settings ( -- facts about this database; as_of_date is the company's today
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE regions (
    region_id   INTEGER PRIMARY KEY,
    region_name TEXT NOT NULL UNIQUE
);

CREATE TABLE categories (
    category_id   INTEGER PRIMARY KEY,
    category_name TEXT NOT NULL UNIQUE,
    description   TEXT
);

CREATE TABLE suppliers (
    supplier_id   INTEGER PRIMARY KEY,
    supplier_name TEXT NOT NULL,
    country       TEXT NOT NULL,
    lead_days     INTEGER -- days from order to delivery at our warehouse
);

CREATE TABLE products (
    product_id     INTEGER PRIMARY KEY,
    product_name   TEXT NOT NULL,
    sku            TEXT NOT NULL UNIQUE,
    category_id    INTEGER NOT NULL REFERENCES categories (category_id),
    supplier_id    INTEGER, -- suppliers.supplier_id, never declared
    list_price     REAL NOT NULL, -- EUR, without tax
    unit_cost      REAL NOT NULL, -- EUR, what we pay
    "Größe (cm)"   INTEGER, -- longest side, packed
    weight_kg      REAL,
    launched_on    DATE NOT NULL,
    discontinued   BOOLEAN NOT NULL DEFAULT 0,
    units_in_stock INTEGER NOT NULL
);

CREATE TABLE customers ( -- one row per buyer, consumers and companies
    customer_id      INTEGER PRIMARY KEY,
    first_name       TEXT NOT NULL,
    last_name        TEXT NOT NULL,
    email            TEXT,
    phone            TEXT,
    date_of_birth    DATE,
    street           TEXT,
    postcode         TEXT,
    city             TEXT NOT NULL,
    country          TEXT NOT NULL,
    region_id        INTEGER NOT NULL REFERENCES regions (region_id),
    segment          TEXT NOT NULL, -- Consumer, Business or Wholesale
    iban             TEXT,
    signup_date      DATE NOT NULL,
    marketing_opt_in BOOLEAN NOT NULL
);

CREATE TABLE employees (
    employee_id INTEGER PRIMARY KEY,
    first_name  TEXT NOT NULL,
    last_name   TEXT NOT NULL,
    email       TEXT NOT NULL,
    job_title   TEXT NOT NULL,
    department  TEXT NOT NULL,
    manager_id  INTEGER REFERENCES employees (employee_id), -- NULL for the chief executive
    hired_on    DATE NOT NULL,
    salary      INTEGER NOT NULL -- EUR a year
);

CREATE TABLE orders (
    order_id     INTEGER PRIMARY KEY,
    customer_id  INTEGER NOT NULL REFERENCES customers (customer_id),
    employee_id  INTEGER, -- who took the order, employees.employee_id; NULL for the web shop
    order_date   DATE NOT NULL,
    channel      TEXT NOT NULL, -- web, store, phone or partner
    status       TEXT NOT NULL, -- processing, on hold, shipped or delivered
    shipping_fee REAL NOT NULL, -- EUR, charged to the customer, not part of sales
    promo_code   TEXT
);

CREATE TABLE order_lines ( -- sales are unit_price * quantity * (1 - discount)
    order_line_id INTEGER PRIMARY KEY,
    order_id      INTEGER NOT NULL REFERENCES orders (order_id),
    product_id    INTEGER NOT NULL REFERENCES products (product_id),
    quantity      INTEGER NOT NULL,
    unit_price    REAL NOT NULL, -- EUR, on the day of the order
    discount      REAL NOT NULL DEFAULT 0 -- a fraction: 0.25 is 25 % off
);

CREATE TABLE shipments (
    shipment_id   INTEGER PRIMARY KEY,
    order_id      INTEGER NOT NULL REFERENCES orders (order_id),
    carrier       TEXT NOT NULL,
    "tracking no" TEXT,
    shipped_on    DATE NOT NULL,
    delivered_on  DATE, -- NULL while on its way, and for what was lost
    cost          REAL NOT NULL -- EUR, what the carrier charges us
);

CREATE TABLE returns (
    return_id         INTEGER PRIMARY KEY,
    order_line_id     INTEGER NOT NULL REFERENCES order_lines (order_line_id),
    return_date       DATE NOT NULL,
    returned_quantity INTEGER NOT NULL,
    reason            TEXT,
    refund_amount     REAL NOT NULL -- EUR
);

CREATE TABLE support_tickets ( -- kept by another system: its keys are not enforced
    ticket_id    INTEGER PRIMARY KEY,
    customer_id  INTEGER,
    order_id     INTEGER,
    agent_id     INTEGER, -- employees.employee_id
    opened_at    TIMESTAMP NOT NULL,
    closed_at    TIMESTAMP, -- NULL while open
    topic        TEXT NOT NULL,
    priority     TEXT NOT NULL, -- low, normal, high or urgent
    satisfaction INTEGER -- 1 to 5 as rated by the customer; NULL when not rated
);

CREATE TABLE web_events ( -- the last twelve months of the web shop
    event_id    INTEGER PRIMARY KEY,
    session_id  TEXT NOT NULL,
    customer_id INTEGER, -- NULL for visitors who did not log in
    product_id  INTEGER,
    event_type  TEXT NOT NULL, -- page_view, search, add_to_cart, checkout or purchase
    event_ts    INTEGER NOT NULL, -- seconds since 1970-01-01 UTC
    device      TEXT,
    ip_address  TEXT
);

CREATE TABLE "store visits" (
    "visit date"        DATE NOT NULL,
    "store name"        TEXT NOT NULL,
    visitors            INTEGER NOT NULL,
    "Öffnungsdauer (h)" INTEGER NOT NULL, -- hours open
    PRIMARY KEY ("visit date", "store name")
) WITHOUT ROWID;

CREATE TABLE crm_ord_hist ( -- frozen: orders of the system in use until June 2022
    rec_id  INTEGER PRIMARY KEY,
    cust_no INTEGER,
    cust_nm TEXT,
    ord_dt  INTEGER, -- YYYYMMDD
    ord_amt REAL,
    sts_cd  TEXT -- C closed, O open, X cancelled
);
"#;

/// Made after the rows: cheaper, and the file comes out compact.
pub(super) const INDEXES_AND_VIEWS: &str = r#"
CREATE INDEX orders_by_date ON orders (order_date);
CREATE INDEX orders_by_customer ON orders (customer_id);
CREATE INDEX order_lines_by_order ON order_lines (order_id);
CREATE INDEX order_lines_by_product ON order_lines (product_id);
CREATE INDEX shipments_by_order ON shipments (order_id);

CREATE VIEW order_totals AS -- one row per order
SELECT o.order_id, o.customer_id, o.order_date, COUNT(*) AS line_count, SUM(l.quantity) AS units,
       SUM(l.unit_price * l.quantity * (1 - l.discount)) AS net_amount
FROM orders AS o JOIN order_lines AS l ON l.order_id = o.order_id
GROUP BY o.order_id;
"#;
