//! Servers that let nobody in, and one that is none.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use leo::ErrorKind;
use leo::source::SourceSpec;
use leo::source::mysql::MysqlSource;

use crate::connections::{code, other_server};

#[tokio::test]
async fn a_server_that_refuses_at_the_door_is_told_apart() {
    for (number, said, expected) in [
        (1040, "Too many connections", "too_many_connections"),
        (1203, "User ada already has more than 'max_user_connections' active connections", "too_many_connections"),
        (1053, "Server shutdown in progress", "not_ready"),
        (1129, "Host 'hunter2' is blocked because of many connection errors", "no_permission"),
    ] {
        // ERR_Packet in place of a greeting: no state before the client has said what it knows.
        let body = [&[0xff], &u16::to_le_bytes(number)[..], said.as_bytes()].concat();
        let length = u32::try_from(body.len()).unwrap().to_le_bytes();
        let port = other_server([&length[..3], &[0], &body].concat().leak());
        let spec: SourceSpec = format!("mysql://ada:hunter2@127.0.0.1:{port}/shop?sslmode=disable").parse().unwrap();
        let error = MysqlSource::connect("shop", spec).await.map(drop).unwrap_err();
        let kind = if expected == "no_permission" { ErrorKind::Denied } else { ErrorKind::Unavailable };
        assert_eq!((error.kind(), code(&error).as_str()), (kind, expected), "{number}: {error}");
        assert!(!format!("{error:?} {error}").contains("hunter2"), "{error:?}");
    }
}

/// A server that answers everything with the wish for a file of the client's machine; what it got.
fn thief() -> (u16, std::sync::mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let packet = |sequence: u8, body: &[u8]| {
                let length = u32::try_from(body.len()).unwrap().to_le_bytes();
                [&length[..3], &[sequence], body].concat()
            };
            // Protocol 10 with all of CLIENT_PROTOCOL_41, secure connections, local files and plug-ins.
            let mut greeting = b"\x0a8.0.36\0\x01\0\0\0abcdefgh\0".to_vec();
            greeting.extend([0xff, 0xf7, 45, 2, 0, 0xff, 0x81, 21]);
            greeting.extend([0; 10]);
            greeting.extend(b"ijklmnopqrst\0mysql_native_password\0");
            let _ = stream.write_all(&packet(0, &greeting));
            let read = |stream: &mut std::net::TcpStream| -> Option<Vec<u8>> {
                let mut header = [0; 4];
                stream.read_exact(&mut header).ok()?;
                let mut body = vec![0; u32::from_le_bytes([header[0], header[1], header[2], 0]) as usize];
                stream.read_exact(&mut body).ok()?;
                Some(body)
            };
            if read(&mut stream).is_none() {
                continue;
            }
            let _ = stream.write_all(&packet(2, &[0, 0, 0, 2, 0, 0, 0]));
            if read(&mut stream).is_none() {
                continue;
            }
            let _ = stream.write_all(&packet(1, b"\xfb/etc/passwd"));
            let mut got = Vec::new();
            let _ = stream.read_to_end(&mut got);
            let _ = sender.send(got);
        }
    });
    (port, receiver)
}

#[tokio::test]
async fn a_server_that_asks_for_a_file_gets_none() {
    let (port, got) = thief();
    let spec: SourceSpec = format!("mysql://ada:x@127.0.0.1:{port}/shop?sslmode=disable").parse().unwrap();
    let error = MysqlSource::connect("shop", spec).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
    let got = tokio::task::spawn_blocking(move || got.recv_timeout(Duration::from_secs(10))).await.unwrap().unwrap();
    let farewell = got.get(4).copied();
    assert!(got.is_empty() || (got.len() == 5 && farewell == Some(1)), "{got:?}");
}
