//! Specs at rest: what is sealed comes back whole, and only to who has the key and asks for the same thing.

use std::sync::Mutex;

use async_trait::async_trait;
use leo::ErrorKind;
use leo::adapter::{DataKey, KeyStore, SourceResolver};
use leo::context::HostContext;
use leo::seal::{EnvironmentKeys, SealedSpec};
use leo::source::{Connections, Engine, Login, SessionValue, SourceSpec, SshAuth, SshTunnel, Tls, TlsMode};
use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::support::{Host, count};

fn keys(ids: &[&str]) -> EnvironmentKeys {
    let key = |id: &&str| format!("{id}:{}", format!("{:02x}", id.bytes().fold(7_u8, u8::wrapping_add)).repeat(32));
    EnvironmentKeys::parse(&ids.iter().map(key).collect::<Vec<_>>().join(",")).unwrap()
}

fn spec() -> SourceSpec {
    let mut spec: SourceSpec = "postgres://ada:first-secret@db.example.com/shop?sslmode=verify-full".parse().unwrap();
    spec.read_only_login = Some(Login::Token { user: Some("reader".into()), token: "second-secret".to_owned().into() });
    let auth = SshAuth::KeyText { key: "third-secret".to_owned().into(), passphrase: "fourth-secret".to_owned().into() };
    spec.ssh = Some(SshTunnel::new("bastion.example.com", "tunnel", auth));
    spec
}

/// Everything of a spec, secrets included.
fn all(spec: &SourceSpec) -> String {
    let secret = |login: &Login| match login {
        Login::Password { password: secret, .. } | Login::Token { token: secret, .. } => secret.expose_secret().to_owned(),
        _ => String::new(),
    };
    let ssh = match spec.ssh.as_ref().map(|ssh| &ssh.auth) {
        Some(SshAuth::KeyText { key, passphrase }) => format!("{} {}", key.expose_secret(), passphrase.expose_secret()),
        _ => String::new(),
    };
    format!("{spec:?} {:?} {:?} {ssh}", secret(&spec.login), spec.read_only_login.as_ref().map(secret))
}

#[tokio::test]
async fn what_is_sealed_comes_back_whole() {
    let sealed = SealedSpec::seal(&spec(), "acme/shop", &keys(&["a"])).await.unwrap();
    let stored = serde_json::to_string(&sealed).unwrap();
    assert!(stored.contains("db.example.com") && stored.contains("\"key\":\"a\""), "{stored}");
    assert!(!["first", "second", "third", "fourth"].iter().any(|nth| stored.contains(&format!("{nth}-secret"))), "{stored}");
    assert!(!format!("{sealed:?}").contains("db.example.com"));
    let again: SealedSpec = serde_json::from_str(&stored).unwrap();
    assert_eq!(all(&again.open("acme/shop", &keys(&["a"])).await.unwrap()), all(&spec()));
    let twice = SealedSpec::seal(&spec(), "acme/shop", &keys(&["a"])).await.unwrap();
    assert!(twice != sealed, "nobody sees that two are the same");
}

#[tokio::test]
async fn a_key_is_changed_while_everything_goes_on() {
    let old = SealedSpec::seal(&spec(), "acme/shop", &keys(&["2025"])).await.unwrap();
    let both = keys(&["2026", "2025"]);
    assert_eq!(all(&old.open("acme/shop", &both).await.unwrap()), all(&spec()));
    let new = old.rewrap(&both).await.unwrap();
    assert_eq!((old.key(), new.key()), ("2025", "2026"));
    for sealed in [&old, &new, &new.rewrap(&both).await.unwrap()] {
        assert_eq!(all(&sealed.open("acme/shop", &both).await.unwrap()), all(&spec()));
    }
    let only_new = keys(&["2026"]);
    assert_eq!(all(&new.open("acme/shop", &only_new).await.unwrap()), all(&spec()));
    let error = old.open("acme/shop", &only_new).await.unwrap_err();
    assert!(error.kind() == ErrorKind::NotFound && error.to_string().contains("2025"), "{error}");
    assert_eq!(old.rewrap(&only_new).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn whatever_is_changed_shows_and_nothing_is_told() {
    let keys = keys(&["a", "b"]);
    let sealed = SealedSpec::seal(&spec(), "acme/shop", &keys).await.unwrap();
    let json = serde_json::to_value(&sealed).unwrap();
    let mut changed = Vec::new();
    for (path, value) in [
        ("/spec/host", "evil.example.com".into()),
        ("/spec/tls/mode", "disable".into()),
        ("/spec/login/password/user", "root".into()),
        ("/spec/forbid_private_hosts", true.into()),
        ("/spec/connections/max", 11.into()),
        ("/key", "b".into()),
        ("/version", 2.into()),
        ("/data_key", "00".into()),
        ("/secrets", "zz".into()),
        ("/secrets", "".into()),
    ] {
        let mut other = json.clone();
        *other.pointer_mut(path).unwrap() = value;
        changed.push(other);
    }
    let mut without = json.clone();
    without.pointer_mut("/spec").unwrap().as_object_mut().unwrap().remove("read_only_login");
    changed.push(without);
    // Each sign of what is sealed.
    for path in ["/data_key", "/secrets"] {
        let digits = json.pointer(path).unwrap().as_str().unwrap().to_owned();
        for at in 0..digits.len() {
            let mut other = digits.clone();
            let digit = if &digits[at..=at] == "0" { "1" } else { "0" };
            other.replace_range(at..=at, digit);
            let mut changed_json = json.clone();
            *changed_json.pointer_mut(path).unwrap() = other.into();
            changed.push(changed_json);
        }
    }
    for other in changed {
        let sealed: SealedSpec = serde_json::from_value(other.clone()).unwrap();
        let error = sealed.open("acme/shop", &keys).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{other}");
        let told = format!("{error:?}");
        assert!(!told.contains("secret\"") && !told.contains("example.com") && !told.contains("first-"), "{told}");
    }
    for name in ["beta/shop", "acme/shop2", ""] {
        assert_eq!(sealed.open(name, &keys).await.unwrap_err().kind(), ErrorKind::Malformed);
    }
    // Another key of the same id.
    let other = EnvironmentKeys::parse(&format!("a:{}", "99".repeat(32))).unwrap();
    assert_eq!(sealed.open("acme/shop", &other).await.unwrap_err().kind(), ErrorKind::Malformed);
    // The secrets of one spec do not open beside another.
    let theirs = SealedSpec::seal(&spec(), "acme/shop", &keys).await.unwrap();
    let mut mixed = serde_json::to_value(&theirs).unwrap();
    mixed["secrets"] = json["secrets"].clone();
    let mixed: SealedSpec = serde_json::from_value(mixed).unwrap();
    assert_eq!(mixed.open("acme/shop", &keys).await.unwrap_err().kind(), ErrorKind::Malformed);
}

#[test]
fn wrong_keys_are_refused_without_being_shown() {
    let key = "0123456789abcdef".repeat(4);
    let short = &key[1..];
    for text in [
        String::new(),
        " , ".into(),
        key.clone(),
        format!(":{key}"),
        format!("a:{short}"),
        format!("a:{key}0"),
        format!("a:{}", key.replace('0', "g")),
        format!("a:{key},a:{key}"),
    ] {
        let error = EnvironmentKeys::parse(&text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{text}");
        assert!(!format!("{error:?}").contains("0123456789"), "{error}");
    }
    assert_eq!(EnvironmentKeys::from_env("LEO_TEST_NO_SUCH_VARIABLE").unwrap_err().kind(), ErrorKind::Config);
    let keys = EnvironmentKeys::parse(&format!("a:{key}")).unwrap();
    assert!(!format!("{keys:?} {:?}", DataKey::from_bytes([1; 32]).unwrap()).contains("0123"));
    assert_eq!(DataKey::from_bytes([1; 31]).unwrap_err().kind(), ErrorKind::Malformed);
}

/// A host's own key store: the keys stay with it.
#[derive(Debug, Default)]
struct Hsm(Mutex<Vec<[u8; 32]>>);

#[async_trait]
impl KeyStore for Hsm {
    async fn current(&self) -> leo::Result<String> {
        Ok("slot".into())
    }
    async fn seal(&self, _: &str, data_key: &DataKey) -> leo::Result<Vec<u8>> {
        let mut kept = self.0.lock().unwrap();
        kept.push(*data_key.expose());
        Ok(vec![u8::try_from(kept.len()).unwrap()])
    }
    async fn unseal(&self, _: &str, sealed: &[u8]) -> leo::Result<DataKey> {
        let kept = self.0.lock().unwrap();
        let found = sealed.first().and_then(|number| kept.get(usize::from(*number) - 1));
        DataKey::from_bytes(found.copied().ok_or_else(|| leo::Error::malformed("no such slot"))?)
    }
}

/// Keeps sealed specs as a product's database would.
#[derive(Debug)]
struct Stored {
    rows: Mutex<Vec<(String, String)>>,
    keys: Hsm,
}

#[async_trait]
impl SourceResolver for Stored {
    async fn resolve(&self, ctx: HostContext, source: &str) -> leo::Result<Option<SourceSpec>> {
        let name = format!("{}/{source}", ctx.tenant);
        let row = self.rows.lock().unwrap().iter().find(|(known, _)| *known == name).map(|(_, json)| json.clone());
        match row {
            Some(json) => {
                let sealed: SealedSpec = serde_json::from_str(&json).map_err(|_| leo::Error::malformed("no sealed spec"))?;
                sealed.open(&name, &self.keys).await.map(Some)
            }
            None => Ok(None),
        }
    }
}

#[tokio::test]
async fn a_product_stores_sealed_specs_and_opens_sources_from_them() {
    let files = Host::new();
    let keys = Hsm::default();
    let sealed = SealedSpec::seal(&files.file("ledger", 4), "acme/ledger", &keys).await.unwrap();
    let row = serde_json::to_string(&sealed).unwrap();
    // Somebody copies the row to another tenant.
    let rows = Mutex::new(vec![("acme/ledger".to_owned(), row.clone()), ("beta/ledger".to_owned(), row)]);
    let leo = leo::Leo::builder()
        .authorizer(std::sync::Arc::new(leo::adapter::RoleAuthorizer))
        .audit(std::sync::Arc::new(leo::audit::MemorySink::default()))
        .resolver(std::sync::Arc::new(Stored { rows, keys }))
        .execution(true)
        .build()
        .unwrap();
    let user = |tenant: &str| leo.for_user(leo::Context::new(tenant, "u").unwrap().with_roles(["member"]));
    assert_eq!(count(&user("acme"), "ledger").await.unwrap(), "4");
    assert_eq!(count(&user("beta"), "ledger").await.unwrap_err().kind(), ErrorKind::Malformed);
}

fn login() -> impl Strategy<Value = Login> {
    prop_oneof![
        Just(Login::None),
        Just(Login::Provided),
        ("\\PC{1,20}", any::<String>()).prop_map(|(user, secret)| Login::Password { user, password: secret.into() }),
        (prop::option::of("\\PC{1,20}"), any::<String>()).prop_map(|(user, secret)| Login::Token { user, token: secret.into() }),
    ]
}

fn any_spec() -> impl Strategy<Value = SourceSpec> {
    let engine = prop::sample::select(vec![Engine::Sqlite, Engine::Postgres, Engine::Mysql, Engine::Mssql, Engine::Files]);
    let mode = prop::sample::select(vec![None, Some(TlsMode::Disable), Some(TlsMode::VerifyCa), Some(TlsMode::VerifyFull)]);
    let session = prop::collection::btree_map(
        "[a-z.]{1,8}",
        prop_oneof![
            Just(SessionValue::Tenant),
            any::<String>().prop_map(SessionValue::Fixed),
            any::<String>().prop_map(SessionValue::Attribute)
        ],
        0..3,
    );
    let texts = (any::<String>(), prop::option::of(any::<String>()), prop::collection::vec(any::<String>(), 0..3));
    (engine, mode, session, texts, prop::option::of(any::<u16>()), login(), prop::option::of(login()), any::<[bool; 2]>())
        .prop_map(|(engine, mode, session, (host, database, include), port, login, read_only_login, [read_intent, forbid])| {
            SourceSpec {
                host,
                database,
                include,
                port,
                session,
                login,
                read_only_login,
                read_intent,
                forbid_private_hosts: forbid,
                tls: Tls { mode, ..Tls::default() },
                connections: Connections { max: usize::from(port.unwrap_or(3)), ..Connections::default() },
                ..SourceSpec::new(engine)
            }
        })
}

proptest! {
    #[test]
    fn any_spec_comes_back_from_any_key(spec in any_spec(), name in any::<String>(), key in any::<[u8; 32]>()) {
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        let keys = EnvironmentKeys::parse(&format!("k:{hex}")).unwrap();
        let opened = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let stored = serde_json::to_vec(&SealedSpec::seal(&spec, &name, &keys).await?).unwrap();
            let sealed: SealedSpec = serde_json::from_slice(&stored).unwrap();
            sealed.rewrap(&keys).await?.open(&name, &keys).await
        });
        prop_assert_eq!(all(&opened.unwrap()), all(&spec));
    }
}
