-- What the READMEs of the packages ask: a small shop in 2024.
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, city TEXT);
INSERT INTO customers VALUES (1, 'Ada Byron', 'ada@example.com', 'Oslo'), (2, 'Alan Kay', 'alan@example.com', 'Rome'),
                             (3, 'Grace Hopper', 'grace@example.com', 'Oslo');
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), ordered_on DATE, region TEXT, amount REAL);
INSERT INTO orders
WITH RECURSIVE up(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM up WHERE n < 59)
SELECT n + 1, n % 3 + 1, date('2024-01-05', '+' || (n % 12) || ' months'), CASE n % 5 WHEN 0 THEN 'south' WHEN 3 THEN 'west' ELSE 'north' END,
       100 + n % 12 * 20 + n / 12 * 7.25
FROM up;
