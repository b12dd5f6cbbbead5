//! What a client says of itself before the first request: PRELOGIN (2.2.6.5) and LOGIN7 (2.2.6.4).

/// The fields of LOGIN7 that tests look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Login {
    /// Who logs in.
    pub user: String,
    /// With what; it travels with its halves swapped and some bits turned, which is no protection.
    pub password: String,
    /// The program.
    pub application: String,
    /// The database.
    pub database: String,
    /// The bit `fReadOnlyIntent` of TypeFlags.
    pub read_only: bool,
    /// Whether it came through TLS.
    pub protected: bool,
}

impl Login {
    pub(super) fn parse(payload: &[u8], protected: bool) -> Option<Self> {
        let field = |at: usize| -> Option<Vec<u8>> {
            let number = |at: usize| Some(usize::from(u16::from_le_bytes([*payload.get(at)?, *payload.get(at + 1)?])));
            let (offset, units) = (number(at)?, number(at + 2)?);
            Some(payload.get(offset..offset + units * 2)?.to_vec())
        };
        let text = |bytes: Vec<u8>| {
            let units: Vec<u16> = bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        };
        let clear = |bytes: Vec<u8>| bytes.into_iter().map(|byte| (byte ^ 0xa5).rotate_left(4)).collect::<Vec<u8>>();
        Some(Self {
            user: text(field(40)?),
            password: text(clear(field(44)?)),
            application: text(field(48)?),
            database: text(field(68)?),
            read_only: payload.get(26)? & 0x20 != 0,
            protected,
        })
    }
}

/// The option ENCRYPTION of a pre-login.
pub(super) fn encryption(prelogin: &[u8]) -> Option<u8> {
    let mut at = 0;
    while *prelogin.get(at)? != 0xff {
        if *prelogin.get(at)? == 1 {
            let offset = usize::from(u16::from_be_bytes([*prelogin.get(at + 1)?, *prelogin.get(at + 2)?]));
            return prelogin.get(offset).copied();
        }
        at += 5;
    }
    None
}

/// The server's pre-login: a version and how it encrypts.
pub(super) fn prelogin(encryption: u8) -> Vec<u8> {
    // VERSION at 11 of 6 bytes, ENCRYPTION at 17 of 1 byte, terminator.
    let mut answer = vec![0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff];
    answer.extend_from_slice(&[15, 0, 0x07, 0xd0, 0, 0]);
    answer.push(encryption);
    answer
}
