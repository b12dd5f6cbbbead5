//! Stems: what brings the inflections of a word together.

use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

static STEMMER: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));

/// The stem of a lowercase word.
pub(crate) fn stem(word: &str) -> String {
    // Words the stemmer does not bring together with their singular.
    let word = match word {
        "people" | "persons" => "person",
        "children" => "child",
        "men" => "man",
        "women" => "woman",
        "feet" => "foot",
        "staffs" => "staff",
        "countries" => "country",
        "cities" => "city",
        "aircrafts" => "aircraft",
        "statuses" => "status",
        "indices" => "index",
        "mice" => "mouse",
        "wives" => "wife",
        "lives" => "life",
        "criteria" => "criterion",
        "phenomena" => "phenomenon",
        "medias" => "media",
        "data" => "data",
        "universities" => "university",
        "university" => "university",
        "universe" => "universe",
        "organisation" | "organisations" => "organization",
        "organizations" | "organization" => "organization",
        "organ" | "organs" => "organ",
        "center" | "centers" | "centres" => "centre",
        "favourite" => "favorite",
        "colour" | "colours" => "color",
        "theatre" | "theatres" => "theater",
        "programme" | "programmes" => "program",
        "catalogue" | "catalogues" => "catalog",
        "organiser" | "organisers" => "organizer",
        "news" => "news",
        "series" => "series",
        "species" => "species",
        "business" | "businesses" => "business",
        other => other,
    };
    match word {
        "university" | "organization" | "organizer" | "organ" | "business" | "series" | "species" | "universe" => word.to_owned(),
        _ => STEMMER.stem(word).into_owned(),
    }
}
