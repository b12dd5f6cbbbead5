//! Intake: what is not a question about data is turned away before any linking.

use super::tokens::Token;
use crate::ask::planner::plan::AbstentionKind;

/// Why a text is turned away.
pub(super) struct Refusal {
    pub(super) kind: AbstentionKind,
    pub(super) reason: &'static str,
}

/// Turns away texts that are empty, ask to change something, are code, or small talk.
pub(super) fn refuse(question: &str, tokens: &[Token]) -> Option<Refusal> {
    let words: Vec<&str> = tokens.iter().filter(|token| token.is_word()).map(|token| token.lower.as_str()).collect();
    let refusal = |kind, reason| Some(Refusal { kind, reason });
    if words.is_empty() {
        return refusal(
            AbstentionKind::TooVague,
            "there is no question in that; ask for something in the data, for example “how many rows per month”",
        );
    }
    if is_code(question) {
        return refusal(
            AbstentionKind::NotADataQuestion,
            "that looks like code, not a question; ask in plain words, or send SQL where SQL is taken",
        );
    }
    if asks_to_change(&words) {
        return refusal(
            AbstentionKind::NotADataQuestion,
            "that asks to change data, and only reading is possible here; ask for what you want to see instead",
        );
    }
    if names_no_day(question) {
        return refusal(AbstentionKind::CannotAnswer, "no calendar has that day; ask for one that there is, such as 2024-02-28");
    }
    if let Some(word) = words.iter().find(|word| BEYOND.contains(word)) {
        return Some(Refusal { kind: AbstentionKind::CannotAnswer, reason: beyond(word) });
    }
    if is_small_talk(&words) {
        return refusal(
            AbstentionKind::NotADataQuestion,
            "that is not a question about this data; ask for figures or rows in it",
        );
    }
    None
}

/// Whether something is written as a date that is none in whatever order it is read: 31/02, 2024-02-30.
fn names_no_day(question: &str) -> bool {
    let is_day = |year: i16, month: i8, day: i8| jiff::civil::Date::new(year, month, day).is_ok();
    let no_day = |written: &str| {
        let Some(mark) = written.chars().find(|c| matches!(c, '/' | '-' | '.')) else { return false };
        let parts: Vec<(usize, i16)> =
            written.split(mark).map_while(|part| Some((part.len(), part.parse().ok().filter(|_| part.len() <= 4)?))).collect();
        if parts.len() != written.split(mark).count() {
            return false;
        }
        match (parts.as_slice(), mark) {
            ([(4, year), (..=2, month), (..=2, day)], '/' | '-') => !is_day(*year, *month as i8, *day as i8),
            // In a leap year there are all days.
            ([(..=2, a), (..=2, b)], '/') | ([(..=2, a), (..=2, b), (2, _)], _) => {
                *a.max(b) <= 31 && *a.min(b) <= 12 && !is_day(2024, *a as i8, *b as i8) && !is_day(2024, *b as i8, *a as i8)
            }
            ([(..=2, a), (..=2, b), (4, year)], _) => !is_day(*year, *a as i8, *b as i8) && !is_day(*year, *b as i8, *a as i8),
            _ => false,
        }
    };
    question.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_ascii_digit())).any(no_day)
}

/// Statistics the built-in planner has no measure for.
const BEYOND: &[&str] = &[
    "median",
    "percentile",
    "percentiles",
    "quartile",
    "quartiles",
    "stddev",
    "deviation",
    "variance",
    "correlation",
    "correlate",
    "correlated",
    "forecast",
    "predict",
    "prediction",
    "regression",
];

fn beyond(word: &str) -> &'static str {
    match word {
        "forecast" | "predict" | "prediction" | "regression" => {
            "forecasts are beyond the built-in planner; ask for the figures of past periods instead"
        }
        "correlation" | "correlate" | "correlated" => {
            "correlations are beyond the built-in planner; ask for both figures side by side instead"
        }
        _ => {
            "medians, percentiles and deviations are beyond the built-in planner; ask for the average, minimum or maximum instead"
        }
    }
}

/// Whether the text is written in another language, told by its small words.
pub(super) fn other_language(tokens: &[Token]) -> Option<&'static str> {
    let words: Vec<&str> = tokens.iter().filter(|token| token.is_word()).map(|token| token.lower.as_str()).collect();
    let count = |list: &[&str]| words.iter().filter(|word| list.contains(word)).count();
    let english = count(ENGLISH);
    let (found, language) =
        LANGUAGES.iter().map(|(language, list)| (count(list), *language)).max_by_key(|(count, _)| *count).unwrap_or((0, ""));
    // Scripts whose words are not English at all.
    let letters =
        tokens.iter().filter(|token| token.is_word()).flat_map(|token| token.lower.chars()).filter(|c| c.is_alphabetic());
    let (mut latin, mut other) = (0, 0);
    for c in letters {
        if (c as u32) < 0x250 { latin += 1 } else { other += 1 }
    }
    if other > latin {
        return Some("another language");
    }
    (found > english && (found >= 2 || (found == 1 && words.len() <= 4 && english == 0))).then_some(language)
}

const ENGLISH: &[&str] = &[
    "the", "what", "which", "how", "many", "show", "list", "find", "give", "of", "for", "with", "and", "are", "is", "by", "all",
    "each", "top", "who", "per", "last", "number", "from", "to", "have", "has", "that", "whose",
];

const LANGUAGES: &[(&str, &[&str])] = &[
    (
        "German",
        &[
            "der",
            "die",
            "das",
            "und",
            "wie",
            "viele",
            "welche",
            "welcher",
            "welches",
            "wer",
            "zeige",
            "zeig",
            "von",
            "mit",
            "im",
            "den",
            "dem",
            "des",
            "ein",
            "eine",
            "für",
            "nach",
            "pro",
            "sind",
            "ist",
            "hat",
            "haben",
            "letzten",
            "letztes",
            "jahr",
            "monat",
            "wurden",
            "aller",
            "gibt",
            "nenne",
            "durchschnittliche",
            "anzahl",
            "umsatz",
            "kunden",
            "alle",
        ],
    ),
    (
        "French",
        &[
            "le", "la", "les", "des", "du", "et", "combien", "quel", "quelle", "quels", "quelles", "qui", "montre", "pour",
            "avec", "sont", "est", "dans", "nombre", "par", "liste", "donne", "moi", "une", "un", "clients", "ventes", "dernier",
            "année",
        ],
    ),
    (
        "Spanish",
        &[
            "el", "los", "las", "del", "y", "cuántos", "cuantos", "cuántas", "cuál", "cual", "cuáles", "qué", "que", "quién",
            "muestra", "para", "con", "son", "es", "en", "por", "lista", "dame", "una", "número", "clientes", "ventas", "año",
            "último", "de",
        ],
    ),
    (
        "Italian",
        &[
            "il", "gli", "della", "dei", "quanti", "quante", "quale", "quali", "chi", "mostra", "con", "sono", "nel", "per",
            "ogni", "elenca", "numero", "clienti", "di",
        ],
    ),
    (
        "Portuguese",
        &[
            "os", "dos", "das", "quantos", "quantas", "qual", "quais", "quem", "mostre", "com", "são", "em", "por", "liste",
            "número", "vendas", "cada", "de",
        ],
    ),
    (
        "Dutch",
        &[
            "het", "een", "hoeveel", "welke", "wie", "toon", "van", "met", "zijn", "alle", "klanten", "per", "aantal", "geef",
            "laat",
        ],
    ),
];

/// Marks of SQL, scripts and shells. A question has none of them.
fn is_code(question: &str) -> bool {
    let lower = question.to_lowercase();
    let squeezed: String = lower.split_whitespace().collect::<Vec<_>>().join(" ");
    if MARKS.iter().any(|mark| squeezed.contains(mark)) || has_tautology(&squeezed) {
        return true;
    }
    let sql = squeezed.starts_with("select ") || squeezed.contains(" select ") || squeezed.starts_with("with ");
    if sql
        && squeezed.contains(" from ")
        && ["*", "=", ";", "(", "join "].iter().any(|mark| squeezed.contains(mark))
        && !squeezed.contains('?')
    {
        return true;
    }
    // Mostly punctuation.
    let letters = question.chars().filter(|c| c.is_alphanumeric() || c.is_whitespace()).count();
    let all = question.chars().count();
    all >= 6 && letters * 10 < all * 7
}

#[rustfmt::skip]
const MARKS: &[&str] = &[
    "--", "/*", "*/", "1=1", "1 = 1", "'1'='1", "\"=\"", "'='", "union select", "union all select", "order by 1",
    "group by 1", "<script", "javascript:", "xp_", "sp_password", "drop table", "drop database", "insert into",
    "delete from", "truncate table", "alter table", "create table", "update set", "information_schema", "sysobjects",
    "sqlite_master", "pg_sleep", "sleep(", "benchmark(", "waitfor delay", "char(", "chr(", "concat(", "load_file",
    "into outfile", "into dumpfile", "exec ", "exec(", "execute immediate", "@@", "||", "%27", "%20", "\\x", "0x",
    "having 1", "select count(", "../", "${", "{{", "`;", "&&", "substring(", "ascii(", "like '%", "is null;", "null,null",
    "null, null", "shutdown", "convert(", "cast(", "@variable", "@var", "dbms_", "utl_", "openrowset", "bulk insert",
    "begin declare", "declare @", "x'='x", "a'='a", "or true", "where 1", "or 1=1", "or '1", "'; ", "\"; ", "')--",
    "or 'a'='a",
];

/// `' or 'x' = 'x`: a quotation closed early and a condition that always holds.
fn has_tautology(text: &str) -> bool {
    let joins = ["' or ", "\" or ", "'or ", "\"or ", "' and ", "\" and ", ") or ", "') ", "\") "];
    let odd = text.matches('\'').count() % 2 == 1 || text.matches('"').count() % 2 == 1;
    joins.iter().any(|join| text.contains(join))
        && (odd || text.contains('='))
        && (text.contains('=') || text.starts_with(['\'', '"', ')']))
}

fn asks_to_change(words: &[&str]) -> bool {
    const POLITE: &[&str] = &[
        "please",
        "can",
        "could",
        "you",
        "would",
        "i",
        "want",
        "to",
        "need",
        "kindly",
        "now",
        "just",
        "go",
        "and",
        "then",
        "ignore",
        "previous",
        "instructions",
        "all",
        "the",
        "d",
        "like",
        "let",
        "us",
        "lets",
    ];
    const VERBS: &[&str] = &[
        "delete",
        "drop",
        "truncate",
        "insert",
        "alter",
        "grant",
        "revoke",
        "erase",
        "wipe",
        "purge",
        "overwrite",
        "destroy",
        "rename",
        "modify",
        "exec",
        "execute",
    ];
    // These are also words of questions: "change in revenue", "update times".
    const WEAK: &[&str] = &[
        "update", "remove", "create", "add", "set", "change", "replace", "cancel", "increase", "decrease", "restore", "reset",
        "assign", "upload", "send", "write",
    ];
    let mut rest = words.iter().skip_while(|word| POLITE.contains(word));
    let Some(verb) = rest.next() else { return false };
    if VERBS.contains(verb) {
        return true;
    }
    if !WEAK.contains(verb) {
        return false;
    }
    let next = rest.next().copied().unwrap_or("");
    let object = matches!(
        next,
        "the"
            | "a"
            | "an"
            | "all"
            | "every"
            | "this"
            | "these"
            | "new"
            | "table"
            | "row"
            | "rows"
            | "my"
            | "our"
            | "customer"
            | "to"
    );
    object && !words.iter().any(|word| matches!(*word, "how" | "what" | "which" | "who" | "me"))
}

fn is_small_talk(words: &[&str]) -> bool {
    const TALK: &[&str] = &[
        "hello", "hi", "hey", "thanks", "thank", "bye", "goodbye", "joke", "weather", "poem", "sing", "morning", "yourself",
        "love", "stupid", "lol", "ok", "okay", "help", "recipe", "capital",
    ];
    const FILLER: &[&str] = &[
        "you", "there", "me", "a", "the", "is", "how", "are", "what", "who", "good", "tell", "about", "i", "my", "please",
        "today", "do", "can", "write", "leo", "so", "much", "very", "evening", "your", "name", "s", "of", "to", "in",
    ];
    let talk = words.iter().any(|word| TALK.contains(word));
    let only = words.iter().all(|word| TALK.contains(word) || FILLER.contains(word));
    (talk && only) || words == ["how", "are", "you"] || words == ["who", "are", "you"] || words == ["what", "can", "you", "do"]
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokenize;
    use super::*;

    fn refused(question: &str) -> bool {
        refuse(question, &tokenize(question)).is_some()
    }

    #[test]
    fn requests_to_change_code_and_small_talk_are_turned_away() {
        for question in [
            "",
            "?!",
            "delete all orders",
            "please drop table customers",
            "Update the price of all products",
            "' OR 1=1 --",
            "admin'/*",
            "SELECT * FROM users WHERE id = 1",
            "hello",
            "how are you?",
            "tell me a joke",
        ] {
            assert!(refused(question), "{question}");
        }
    }

    #[test]
    fn questions_pass() {
        for question in [
            "How many orders were deleted last month?",
            "What is the change in revenue this year?",
            "Select the names of all customers",
            "customers and orders without returns",
            "name the top 5 - by revenue",
            "Find the cell number of A. O'Neil",
        ] {
            assert!(!refused(question), "{question}");
        }
    }

    #[test]
    fn a_day_that_is_in_no_calendar_is_told() {
        for none in ["orders on 31/02", "orders since 2024-02-30?", "orders of 30.02.2024", "on 29/02/2023", "before (31/04)"] {
            assert!(names_no_day(none), "{none}");
        }
        let some = "orders on 05/02 or 2/28/2024 or 2024-02-29, 24/7, 50/50, 1.5.3, 192.168.1.10, 555-123-4567, 2024/25, a/b, 10-20, 3.14, /, -";
        assert!(!names_no_day(some));
    }

    #[test]
    fn other_languages_are_told_by_small_words() {
        assert_eq!(other_language(&tokenize("Wie viele Kunden haben wir?")), Some("German"));
        assert_eq!(other_language(&tokenize("combien de clients avons nous dans la ville")), Some("French"));
        assert_eq!(other_language(&tokenize("сколько клиентов")), Some("another language"));
        assert_eq!(other_language(&tokenize("How many customers are there?")), None);
        assert_eq!(other_language(&tokenize("customers in San Pablo del Rio")), None);
    }
}
