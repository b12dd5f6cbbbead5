//! Sources as data: whose they are, what may be done with them, when they are open.

mod access;
mod credentials;
mod ending;
mod lifetime;
mod limits;
mod postgres;
mod sealing;
mod sockets;
mod support;
mod tenants;
