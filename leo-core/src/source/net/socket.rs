//! The two kinds of way to a server: a port on the network, and a socket on this machine.

use tokio::net::TcpStream;
use tokio_util::either::Either;

#[cfg(unix)]
use tokio::net::UnixStream as LocalStream;
// Where there are no such sockets, nothing is on that side.
#[cfg(not(unix))]
use tokio::io::Empty as LocalStream;

/// A connection on which nothing was said yet: to a port, or to a socket in a folder of this machine.
pub(crate) type Socket = Either<TcpStream, LocalStream>;
