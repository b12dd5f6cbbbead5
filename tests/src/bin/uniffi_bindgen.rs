//! Generates what UniFFI makes of `leo-uniffi`.
//!
//! `uniffi_bindgen LIBRARY FOLDER LANGUAGE …`, with `kotlin`, `python`, `ruby` or `swift`, inside the workspace.

use std::process::ExitCode;

use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage, generate};

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [library, folder, languages @ ..] = given.as_slice() else {
        eprintln!("usage: uniffi_bindgen LIBRARY FOLDER LANGUAGE …");
        return ExitCode::from(2);
    };
    let languages = languages.iter().map(|language| match language.as_str() {
        "kotlin" => TargetLanguage::Kotlin,
        "python" => TargetLanguage::Python,
        "ruby" => TargetLanguage::Ruby,
        "swift" => TargetLanguage::Swift,
        other => panic!("there is no language `{other}`"),
    });
    let options = GenerateOptions {
        languages: languages.collect(),
        source: library.into(),
        out_dir: folder.into(),
        metadata_no_deps: true,
        ..GenerateOptions::default()
    };
    match generate(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}
