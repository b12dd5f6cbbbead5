//! Names: splitting them into words and finding the one that was meant.

/// Words of an identifier, lowercase: `custNm_2` → `cust`, `nm`, `2`; `OrderID` → `order`, `id`; `Größe (cm)` → `größe`, `cm`.
pub fn split_words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (index, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            flush(&mut word, &mut words);
            continue;
        }
        let previous = index.checked_sub(1).map(|at| chars[at]);
        let next = chars.get(index + 1);
        let boundary = previous.is_some_and(|p| {
            (p.is_lowercase() && c.is_uppercase())
                || (p.is_alphabetic() && c.is_numeric())
                || (p.is_numeric() && c.is_alphabetic())
                || (p.is_uppercase() && c.is_uppercase() && next.is_some_and(|n| n.is_lowercase()))
        });
        if boundary {
            flush(&mut word, &mut words);
        }
        word.extend(c.to_lowercase());
    }
    flush(&mut word, &mut words);
    words
}

fn flush(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

/// Names less alike are not proposed.
const LEAST_SIMILARITY: f64 = 0.6;

/// How often each letter occurs, letters beyond ASCII lumped together: what two names can have in common at most, told much
/// faster than by their distance.
struct Letters {
    counts: [u16; 64],
    length: usize,
}

impl Letters {
    fn of(text: &str) -> Self {
        let mut letters = Self { counts: [0; 64], length: 0 };
        for c in text.chars() {
            if let Some(count) = letters.counts.get_mut(c as usize % 64) {
                *count = count.saturating_add(1);
            }
            letters.length += 1;
        }
        letters
    }

    /// No edit brings more than one letter closer, so the distance is at least the letters that are not shared.
    fn similarity_at_most(&self, other: &Self) -> f64 {
        let shared: usize = self.counts.iter().zip(&other.counts).map(|(own, other)| usize::from(*own.min(other))).sum();
        let length = self.length.max(other.length);
        1.0 - (length - shared) as f64 / length.max(1) as f64
    }
}

/// Up to `limit` of `candidates` that `name` may have meant, nearest first (Damerau–Levenshtein similarity of at least 0.6,
/// or one containing the other); ties in alphabetical order.
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>, limit: usize) -> Vec<String> {
    let wanted = name.to_lowercase();
    let letters = Letters::of(&wanted);
    let mut scored: Vec<(f64, &str)> = candidates
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let contained = wanted.len() >= 3 && lower.len() >= 3 && (lower.contains(&wanted) || wanted.contains(&lower));
            if !contained && letters.similarity_at_most(&Letters::of(&lower)) < LEAST_SIMILARITY {
                return None;
            }
            let similarity = strsim::normalized_damerau_levenshtein(&wanted, &lower);
            let score = if contained { similarity.max(0.7) } else { similarity };
            (score >= LEAST_SIMILARITY).then_some((score, candidate))
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.into_iter().take(limit).map(|(_, name)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_split_into_words() {
        assert_eq!(split_words("custNm_2"), ["cust", "nm", "2"]);
        assert_eq!(split_words("OrderID"), ["order", "id"]);
        assert_eq!(split_words("HTTPServer"), ["http", "server"]);
        assert_eq!(split_words("Größe (cm)"), ["größe", "cm"]);
        assert_eq!(split_words("__"), Vec::<String>::new());
    }

    #[test]
    fn counting_letters_never_rules_out_a_near_name() {
        let names = ["orders", "order_lines", "customers", "größe", "ab", "", "customer_orders", "sredro", "aaaaab", "x"];
        for a in names {
            for b in names {
                let exact = strsim::normalized_damerau_levenshtein(a, b);
                let bound = Letters::of(a).similarity_at_most(&Letters::of(b));
                assert!(bound >= exact || a.is_empty() && b.is_empty(), "{a} {b}: {bound} {exact}");
            }
        }
    }

    #[test]
    fn the_nearest_name_comes_first() {
        let names = ["orders", "order_lines", "customers"];
        assert_eq!(nearest("ordres", names.into_iter(), 2), ["orders"]);
        assert_eq!(nearest("customer", names.into_iter(), 2), ["customers"]);
        assert!(nearest("zzz", names.into_iter(), 2).is_empty());
    }
}
