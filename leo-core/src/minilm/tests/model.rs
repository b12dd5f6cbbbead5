//! What the tiny model makes of texts.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

static TINY: LazyLock<MiniLm> = LazyLock::new(|| MiniLm::from_folder(folder().path()).unwrap());

#[test]
fn pieces_and_vectors_are_those_of_the_reference() {
    let cases = reference().cases;
    assert!(cases.len() > 15);
    for Case { text, pieces, vector } in &cases {
        assert_eq!(TINY.0.words.pieces(text), *pieces, "{text:?}");
        let made = &vectors(&TINY, &[text])[0];
        assert!(made.len() == 8 && is_near(made, vector.as_ref().unwrap(), 1e-5), "{text:?}: {made:?} {vector:?}");
    }
    // All at once, which is more than one step.
    let texts: Vec<&str> = cases.iter().chain(&cases).chain(&cases).map(|case| &*case.text).collect();
    assert!(texts.len() > crate::minilm::STEP);
    for (made, case) in vectors(&TINY, &texts).iter().zip(cases.iter().cycle()) {
        assert!(is_near(made, case.vector.as_ref().unwrap(), 1e-5), "{:?}", case.text);
    }
    assert!(vectors(&TINY, &[]).is_empty());
}

#[test]
fn words_of_a_plain_list_are_read_alike() {
    let plain = folder();
    fs::remove_file(plain.path().join("tokenizer.json")).unwrap();
    let model = MiniLm::from_folder(plain.path()).unwrap();
    for case in reference().cases {
        assert_eq!(model.0.words.pieces(&case.text), case.pieces, "{:?}", case.text);
    }
    assert_eq!(model.model(), TINY.model(), "the same vectors by the same name");
    // A cased model keeps capitals and accents.
    write(plain.path(), "tokenizer_config.json", &json!({ "do_lower_case": false }));
    let cased = MiniLm::from_folder(plain.path()).unwrap();
    assert_eq!((cased.0.words.pieces("Cat cat"), TINY.0.words.pieces("Cat cat")), (vec![2, 1, 6, 3], vec![2, 6, 6, 3]));
    assert_ne!(cased.model(), TINY.model());
}

#[test]
fn the_name_tells_models_apart() {
    let other = folder();
    let place = other.path().join("model.safetensors");
    let mut bytes = fs::read(&place).unwrap();
    let last = bytes.len() - 4;
    bytes[last] ^= 1;
    fs::write(&place, bytes).unwrap();
    let other = MiniLm::from_folder(other.path()).unwrap();
    assert_ne!(other.model(), TINY.model());
    assert_eq!(MiniLm::from_folder(folder().path()).unwrap().model(), TINY.model());
    assert!(format!("{other:?}").len() < 200, "no weights: {other:?}");
}

#[test]
fn numbers_of_two_bytes_give_nearly_the_same() {
    let half = folder();
    let place = half.path().join("model.safetensors");
    let bytes = fs::read(&place).unwrap();
    let (length, rest) = bytes.split_first_chunk().unwrap();
    let (header, data) = rest.split_at(usize::try_from(u64::from_le_bytes(*length)).unwrap());
    let mut header: Value = serde_json::from_slice(header).unwrap();
    for (name, about) in header.as_object_mut().unwrap().iter_mut().filter(|(name, _)| *name != "__metadata__") {
        about["dtype"] = "BF16".into();
        for end in [0, 1] {
            about["data_offsets"][end] = (about["data_offsets"][end].as_u64().unwrap() / 2).into();
        }
        assert!(!name.is_empty());
    }
    let short: Vec<u8> = data.as_chunks::<4>().0.iter().flat_map(|[_, _, c, d]| [*c, *d]).collect();
    fs::write(&place, with_header(&header, &short)).unwrap();
    let half = MiniLm::from_folder(half.path()).unwrap();
    let made = &vectors(&half, &["the cat pays"])[0];
    assert!(cosine(made, &vectors(&TINY, &["the cat pays"])[0]) > 0.99);
}

#[tokio::test]
async fn dropped_work_ends_behind_a_step() {
    let texts = vec!["the cat pays the invoice of the dog".to_owned(); 50_000];
    let ctx = Context::new("acme", "ada").unwrap().to_host();
    let work = tokio::time::timeout(std::time::Duration::from_millis(20), TINY.embed(ctx, texts));
    assert!(work.await.is_err());
}

proptest! {
    #[test]
    fn any_texts_have_vectors_and_do_not_change_each_other(texts in prop::collection::vec("\\PC{0,40}|[a-z ]{0,60}|.{0,20}", 1..8)) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let together = vectors(&TINY, &texts);
        for (text, vector) in texts.iter().zip(&together) {
            let pieces = TINY.0.words.pieces(text);
            prop_assert!(pieces.len() >= 2 && pieces.len() <= 16);
            prop_assert!((cosine(vector, vector) - 1.0).abs() < 1e-4);
            prop_assert!(is_near(vector, &vectors(&TINY, &[text])[0], 1e-5));
        }
    }

    #[test]
    fn long_texts_are_read_in_part(word in "[a-zé中 .]{1,9}", times in 1_usize..40_000) {
        prop_assert!(TINY.0.words.pieces(&word.repeat(times)).len() <= 16);
    }
}
