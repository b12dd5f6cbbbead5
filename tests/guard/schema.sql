CREATE TABLE customers (id bigint PRIMARY KEY, name varchar(100), email varchar(100), region_id bigint, created_at timestamp);
CREATE TABLE regions (id bigint PRIMARY KEY, name varchar(100));
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total decimal(12,2), status varchar(20), created_at timestamp, note varchar(1000));
CREATE TABLE order_lines (id bigint PRIMARY KEY, order_id bigint, product_id bigint, quantity bigint, price decimal(12,2));
CREATE TABLE products (id bigint PRIMARY KEY, name varchar(100), parent_id bigint, data json);
CREATE VIEW paid_orders AS SELECT id, customer_id, total FROM orders WHERE status = 'paid';
CREATE VIEW contacts AS SELECT id, email AS mail, upper(email) AS loud_mail, (SELECT count(email) FROM customers) AS mails FROM customers;
