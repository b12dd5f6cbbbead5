use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;
use crate::error::ErrorKind;

fn password(spec: &SourceSpec) -> String {
    match &spec.login {
        Login::Password { password, .. } => password.expose_secret().to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn urls_are_read_as_the_engines_own_tools_read_them() {
    let spec: SourceSpec =
        "postgresql://ada:p%40ss%2Fword@[::1]:5433/my%20shop?sslmode=verify-ca&sslrootcert=/ca.pem".parse().unwrap();
    assert_eq!((spec.engine, spec.host.as_str(), spec.port), (Engine::Postgres, "::1", Some(5433)));
    assert_eq!((spec.database.as_deref(), spec.login.user()), (Some("my shop"), Some("ada")));
    assert_eq!(password(&spec), "p@ss/word");
    assert_eq!((spec.tls_mode(), spec.tls.ca_file.as_deref()), (TlsMode::VerifyCa, Some("/ca.pem".as_ref())));

    let spec: SourceSpec = "mariadb://root@db.example.com/shop".parse().unwrap();
    assert_eq!((spec.engine, spec.port(), spec.tls_mode()), (Engine::Mysql, 3306, TlsMode::VerifyFull));
    let spec: SourceSpec = "mysql://root@127.0.0.1/shop".parse().unwrap();
    assert_eq!(spec.tls_mode(), TlsMode::Prefer);
    let spec: SourceSpec = "mssql://sa:x@host?encrypt=true&trust_server_certificate=true&instance=EXPRESS".parse().unwrap();
    assert_eq!((spec.tls_mode(), spec.instance.as_deref()), (TlsMode::Require, Some("EXPRESS")));
    assert_eq!(spec.to_string(), "mssql://sa@host\\EXPRESS");
}

#[test]
fn ado_strings_are_read() {
    let text = "Server=tcp:sql.example.com\\prod,1444;Initial Catalog=Shop;User Id=leo;Password=\"a;b\"\"c=\";Encrypt=True;\
                TrustServerCertificate=False;ApplicationIntent=ReadOnly;Connect Timeout=3";
    let spec: SourceSpec = text.parse().unwrap();
    assert_eq!((spec.host.as_str(), spec.port, spec.instance.as_deref()), ("sql.example.com", Some(1444), Some("prod")));
    assert_eq!((spec.database.as_deref(), password(&spec).as_str()), (Some("Shop"), "a;b\"c="));
    assert_eq!((spec.tls_mode(), spec.read_intent, spec.connections.connect_timeout_ms), (TlsMode::VerifyFull, true, 3_000));
    let spec: SourceSpec = "Data Source=.;Database=x;Encrypt=no".parse().unwrap();
    assert_eq!((spec.host.as_str(), spec.tls_mode()), ("localhost", TlsMode::Disable));
}

#[test]
fn paths_are_files() {
    let engine = |text: &str| text.parse::<SourceSpec>().unwrap().engine;
    assert_eq!(engine("shop.db"), Engine::Sqlite);
    assert_eq!(engine("sqlite:///tmp/shop.db"), Engine::Sqlite);
    assert_eq!(engine("/data/Sales.CSV"), Engine::Files);
    for name in ["a.json", "a.tab", "a.psv", "a.parq", "a.pq.gz", "a.ods", "a.gz"] {
        assert_eq!(engine(name), Engine::Files, "{name}");
    }
    assert_eq!("/data/sales.csv.gz".parse::<SourceSpec>().unwrap().name(), "sales");
    assert_eq!("sqlite:///tmp/a%20b.db".parse::<SourceSpec>().unwrap().path.unwrap(), std::path::Path::new("/tmp/a b.db"));
}

#[test]
fn mistakes_are_named_without_the_secret() {
    let cases = [
        ("postgres:///shop", "host"),
        ("postgres://u:hunter2@ho st/shop", "URL"),
        ("oracle://u:hunter2@host/shop", "unknown kind of source"),
        ("postgres://u:hunter2@host/shop?target_session_attrs=read-only", "name the host to read from"),
        ("postgres://u:hunter2@host/shop?sslmod=require", "sslmod"),
        ("postgres://u:hunter2@host:0/shop", "port"),
        ("postgres://u:hunter2@host:99999/shop", "port"),
        ("postgres://:hunter2@host/shop", "user"),
        ("Server=host;Password='hunter2", "closing quote"),
        ("Server=host,many;Password=hunter2", "port"),
        ("Server=host;Pasword=hunter2", "unknown key"),
        ("Server=host;hunter2", "without `=`"),
        ("Server=host;Integrated Security=SSPI", "Windows"),
        ("mssql://-bad-/x", "host"),
    ];
    for (text, expected) in cases {
        let error = text.parse::<SourceSpec>().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Config | ErrorKind::Unsupported), "{text}: {error}");
        assert!(error.message().contains(expected), "{text}: {error}");
        assert!(!format!("{error:?}").contains("hunter2"), "{text}");
    }
}

#[test]
fn a_spec_can_come_from_a_settings_file() {
    let json = r#"{"engine": "postgres", "host": "db", "login": {"password": {"user": "ada", "password": "x"}},
        "tls": {"mode": "verify-full"}, "session": {"app.tenant": "tenant", "app.region": {"attribute": "region"}}}"#;
    let spec: SourceSpec = serde_json::from_str(json).unwrap();
    assert_eq!(spec.session.get("app.region"), Some(&SessionValue::Attribute("region".into())));
    assert!(spec.check().is_ok());
    assert!(serde_json::from_str::<SourceSpec>(r#"{"engine": "postgres", "hots": "db"}"#).is_err());
}

proptest! {
    #[test]
    fn any_password_survives_a_url_and_an_ado_string_and_is_shown_nowhere(secret in "[ -~]{6,40}") {
        let encoded = percent_encoding::utf8_percent_encode(&secret, percent_encoding::NON_ALPHANUMERIC);
        let url: SourceSpec = format!("postgres://leo:{encoded}@host/db").parse().unwrap();
        prop_assert_eq!(password(&url), secret.clone());
        let ado: SourceSpec = format!("Server=host;User Id=leo;Password='{}';Database=db", secret.replace('\'', "''")).parse().unwrap();
        prop_assert_eq!(password(&ado), secret.clone());
        if secret.chars().any(|c| !c.is_ascii_alphanumeric()) {
            let shown = format!("{url:?} {ado:?} {url} {ado}");
            prop_assert!(!shown.contains(&secret));
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,60}") {
        let _ = text.parse::<SourceSpec>();
        let _ = format!("Server={text}").parse::<SourceSpec>();
        let _ = format!("mssql://{text}").parse::<SourceSpec>();
    }
}
