//! The C header is made from `leo-ffi`, and has what every package has. `LEO_UPDATE=1` writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::Value as Json;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../leo-ffi")
}

fn header() -> String {
    std::fs::read_to_string(folder().join("include/leo.h")).unwrap()
}

#[test]
fn the_header_is_made_from_the_code() {
    let mut builder = cbindgen::Builder::new().with_config(cbindgen::Config::from_file(folder().join("cbindgen.toml")).unwrap());
    // In the order in which a reader wants them.
    for file in [
        "error",
        "runtime",
        "options",
        "adapter",
        "leo",
        "calls",
        "evaluation",
        "sessions",
        "tickets",
        "sources",
        "answer",
        "stream",
        "library",
    ] {
        builder = builder.with_src(folder().join("src").join(file).with_extension("rs"));
    }
    let mut made = Vec::new();
    builder.generate().unwrap().write(&mut made);
    let made = String::from_utf8(made).unwrap();
    let path = folder().join("include/leo.h");
    if std::env::var_os("LEO_UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == made, "leo-ffi/include/leo.h is out of date; run this test with LEO_UPDATE=1 and look at the difference");
}

/// Names of the fields of each struct, and of the parameters of each function.
struct Declared {
    structs: BTreeMap<String, Vec<String>>,
    functions: BTreeMap<String, Vec<String>>,
}

fn declared() -> Declared {
    let comments = Regex::new(r"(?s)/\*.*?\*/").unwrap();
    let header = comments.replace_all(&header(), "").into_owned();
    let name = |declaration: &str| {
        let mut words = declaration.rsplit(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        words.next().unwrap_or_default().to_owned()
    };
    let structs = Regex::new(r"(?s)typedef struct \{(.*?)\} (Leo\w+);").unwrap();
    let functions = Regex::new(r"(?s)\b(leo_\w+)\(([^;]*?)\);").unwrap();
    Declared {
        structs: structs
            .captures_iter(&header)
            .map(|found| {
                let fields = found[1].split(';').map(name).filter(|field| !field.is_empty()).collect();
                (found[2].to_owned(), fields)
            })
            .collect(),
        functions: functions
            .captures_iter(&header)
            .map(|found| (found[1].to_owned(), found[2].split(',').map(name).filter(|name| name != "void").collect()))
            .collect(),
    }
}

/// What a function is told, options from its struct of options included; the handle, where it puts things and what cancels it left out.
fn told(declared: &Declared, function: &str, options: Option<&str>) -> BTreeSet<String> {
    let parameters = declared.functions.get(function).unwrap_or_else(|| panic!("the header has no `{function}`"));
    let own = ["leo", "error", "out", "parts", "part_count"];
    let mut told: BTreeSet<String> = parameters.iter().filter(|name| !own.contains(&name.as_str())).cloned().collect();
    if told.remove("options") {
        let options = options.unwrap_or_else(|| panic!("whose are the options of `{function}`?"));
        let fields = &declared.structs[options];
        assert_eq!(fields[0], "size", "{options}");
        told.extend(fields[1..].iter().filter(|field| !["cancel", "truncated"].contains(&field.as_str())).cloned());
    }
    told
}

fn names(call: &Json) -> BTreeSet<String> {
    let of = |key: &str| call[key].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect::<Vec<_>>();
    of("arguments").into_iter().chain(of("options")).collect()
}

#[test]
fn every_call_is_a_function_with_its_options() {
    let (declared, surface) = (declared(), leo_bridge::surface::surface());
    let calls = surface["calls"].as_object().unwrap();
    assert!(calls.len() > 20);
    let mut functions = BTreeSet::new();
    for (name, call) in calls {
        let options = match name.as_str() {
            "ask" | "ask_query" | "ask_stream" => Some("LeoAskOptions"),
            "sql" | "sql_stream" | "vet" | "lineage" => Some("LeoSqlOptions"),
            "sync" | "sync_stream" => Some("LeoSyncOptions"),
            "evaluate" => Some("LeoEvaluateOptions"),
            "sources.add" => Some("LeoSourceOptions"),
            _ => None,
        };
        let function = format!("leo_{}", name.replace('.', "_"));
        assert_eq!(told(&declared, &function, options), names(call), "{function}");
        functions.insert(function);
    }
    let mut opened = told(&declared, "leo_open", Some("LeoOpenOptions"));
    assert!(opened.remove("place"));
    assert_eq!(opened, names(&surface["open"]));
    assert_eq!(told(&declared, "leo_sample", Some("LeoOpenOptions")), names(&surface["sample"]));
    assert_eq!(told(&declared, "leo_build", Some("LeoBuildOptions")), names(&surface["build"]));
    assert_eq!(told(&declared, "leo_for_user", Some("LeoUserOptions")), names(&surface["for_user"]));
    // And nothing more than what every language has in its own way.
    let objects = ["leo_answer_", "leo_error_", "leo_events_", "leo_cancel", "leo_reply_", "leo_string_"];
    let others = [
        "leo_open",
        "leo_build",
        "leo_sample",
        "leo_sample_path",
        "leo_for_user",
        "leo_free",
        "leo_call",
        "leo_check_storage",
        "leo_version",
        "leo_features",
    ];
    for function in declared.functions.keys() {
        let known = functions.contains(function)
            || others.contains(&function.as_str())
            || objects.iter().any(|object| function.starts_with(object));
        assert!(known, "`{function}` belongs to no call");
    }
}

#[test]
fn kinds_and_statuses_have_numbers() {
    let (header, surface) = (header(), leo_bridge::surface::surface());
    for (prefix, names) in [("LEO_ERROR_", &surface["errors"]), ("LEO_STATUS_", &surface["statuses"])] {
        let names = names.as_array().unwrap();
        assert!(names.len() > 5);
        for (number, name) in names.iter().enumerate() {
            let constant = format!("{prefix}{} = {},", name.as_str().unwrap().to_uppercase(), number + 1);
            assert!(header.contains(&constant), "the header has no `{constant}`");
        }
    }
}

#[test]
fn every_part_and_form_is_named() {
    let (header, surface) = (header(), leo_bridge::surface::surface());
    let parts = surface["parts"].as_object().unwrap().keys().map(String::as_str);
    let forms = ["answer_forms", "table_forms"].into_iter().flat_map(|key| surface[key].as_array().unwrap());
    let mut named = 0;
    for name in parts.filter(|part| *part != "source").chain(forms.map(|form| form.as_str().unwrap())) {
        assert!(header.contains(&format!("`{name}`")), "the header does not name `{name}`");
        named += 1;
    }
    assert!(named > 10);
}
