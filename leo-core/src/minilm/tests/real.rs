//! The weights of all-MiniLM-L6-v2, where the variable `LEO_MINILM` names their folder; they are not part of this repository.

use super::*;

#[derive(Deserialize)]
struct Cases {
    cases: Vec<Case>,
}

fn real() -> Option<MiniLm> {
    let Some(folder) = std::env::var_os("LEO_MINILM") else {
        println!("skipped: no folder in LEO_MINILM");
        return None;
    };
    Some(MiniLm::from_folder(folder).unwrap())
}

#[test]
fn the_real_model_gives_what_the_reference_gives() {
    let Some(model) = real() else { return };
    let Cases { cases } = serde_json::from_str(include_str!("../../../../tests/data/minilm/reference_real.json")).unwrap();
    for Case { text, pieces, vector } in cases {
        assert_eq!(model.0.words.pieces(&text), pieces, "{text:?}");
        let made = &vectors(&model, &[&text])[0];
        assert_eq!(made.len(), 384);
        assert!(vector.is_none_or(|vector| is_near(made, &vector, 1e-5)), "{text:?}: {:?}", &made[..8]);
    }
}

#[test]
fn the_real_model_knows_what_is_alike() {
    let Some(model) = real() else { return };
    let made = vectors(&model, &["cat", "dog", "invoice", "people who buy", "customers", "engine displacement"]);
    assert!(cosine(&made[0], &made[1]) > 0.5 && cosine(&made[0], &made[1]) > cosine(&made[0], &made[2]) + 0.2);
    assert!(cosine(&made[3], &made[4]) > cosine(&made[3], &made[5]) + 0.2);
}
