//! Folders that are not as they should be: an error that names the file, and never a panic.

use super::*;
use crate::error::ErrorKind;

/// The message for the folder that `change` makes of a good one.
fn refused(change: impl FnOnce(&Path)) -> String {
    let folder = folder();
    change(folder.path());
    let error = MiniLm::from_folder(folder.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    error.message().to_owned()
}

fn read(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap()
}

/// The same with one value of a file of settings replaced.
fn with(name: &str, pointer: &str, value: Value) -> String {
    refused(|folder| {
        let mut tree = read(folder, name);
        *tree.pointer_mut(pointer).unwrap() = value;
        write(folder, name, &tree);
    })
}

#[test]
fn missing_files_are_named() {
    for (name, others) in [("config.json", &[][..]), ("model.safetensors", &[]), ("tokenizer.json", &["vocab.txt"])] {
        let message = refused(|folder| others.iter().chain([&name]).for_each(|name| fs::remove_file(folder.join(name)).unwrap()));
        assert!(message.contains("lacks the file") && message.contains(name), "{message}");
    }
    for name in ["modules.json", "sentence_bert_config.json", "1_Pooling/config.json", "vocab.txt"] {
        let folder = folder();
        fs::remove_file(folder.path().join(name)).unwrap();
        assert!(MiniLm::from_folder(folder.path()).is_ok(), "{name}");
    }
    let error = MiniLm::from_folder("/nowhere/at/all").unwrap_err();
    assert!(error.kind() == ErrorKind::Config && error.message().contains("there is no folder"), "{error}");
    let message = refused(|folder| {
        fs::remove_file(folder.join("config.json")).unwrap();
        fs::create_dir(folder.join("config.json")).unwrap();
    });
    assert!(message.contains("config.json") && message.contains("is no file"), "{message}");
}

#[test]
fn other_models_are_told_apart() {
    let another = |name: &str| json!(format!("sentence_transformers.models.{name}"));
    for (name, pointer, value, said) in [
        ("config.json", "/model_type", json!("roberta"), "has another `model_type` than `bert`"),
        ("config.json", "/hidden_act", json!("relu"), "has another `hidden_act` than `gelu`"),
        ("modules.json", "/2/type", another("Dense"), "has a part that is no encoder"),
        ("modules.json", "/0/path", json!("0_Transformer"), "in a folder of its own"),
        ("modules.json", "/1/path", json!("../../etc"), "has a part that is no encoder"),
        ("1_Pooling/config.json", "/pooling_mode_mean_tokens", json!(false), "makes something else of the vectors"),
        ("tokenizer.json", "/model/type", json!("BPE"), "cuts texts in another way"),
        ("tokenizer.json", "/normalizer/type", json!("Lowercase"), "cuts texts in another way"),
        ("tokenizer.json", "/pre_tokenizer", Value::Null, "cuts texts in another way"),
        ("tokenizer.json", "/model/unk_token", json!("<unk>"), "lacks one of the words"),
        ("tokenizer.json", "/model/vocab/cat", json!(50), "has more words than `vocab_size`"),
        ("tokenizer.json", "/model/vocab/cat", json!(-1), "cannot be understood"),
        ("sentence_bert_config.json", "/max_seq_length", json!(2), "leaves no room for a text"),
    ] {
        let message = with(name, pointer, value);
        assert!(message.contains(name) && message.contains(said) && message.contains("all-MiniLM-L6-v2"), "{message}");
    }
}

#[test]
fn absurd_sizes_are_refused_before_memory_is_taken() {
    for name in [
        "hidden_size",
        "num_hidden_layers",
        "num_attention_heads",
        "intermediate_size",
        "vocab_size",
        "max_position_embeddings",
        "type_vocab_size",
    ] {
        for value in [json!(0), json!(1_u64 << 40), json!(u64::MAX)] {
            let message = with("config.json", &format!("/{name}"), value);
            assert!(message.contains("config.json") && message.contains(name), "{message}");
        }
        assert!(with("config.json", &format!("/{name}"), json!(-1)).contains("cannot be understood"));
        // Sizes that could be, and are not those of the weights.
        let message = with("config.json", &format!("/{name}"), json!(if name == "hidden_size" { 4_096 } else { 64 }));
        assert!(["model.safetensors", "config.json"].iter().any(|file| message.contains(file)), "{name}: {message}");
    }
    assert!(with("config.json", "/num_attention_heads", json!(3)).contains("no multiple"));
    assert!(with("config.json", "/layer_norm_eps", json!(-1)).contains("layer_norm_eps"));
}

#[test]
fn large_files_are_not_read() {
    for (name, bytes) in
        [("config.json", (1 << 20) + 1), ("tokenizer.json", (32 << 20) + 1), ("model.safetensors", (2 << 30) + 1)]
    {
        let message = refused(|folder| {
            // Takes no room on the disk.
            fs::File::options().write(true).open(folder.join(name)).unwrap().set_len(bytes).unwrap();
        });
        assert!(message.contains(name) && message.contains("is larger than"), "{message}");
    }
}

#[test]
fn weights_that_are_cut_or_forged_are_refused() {
    let good = fs::read(folder().path().join("model.safetensors")).unwrap();
    let length = 8 + usize::try_from(u64::from_le_bytes(good[..8].try_into().unwrap())).unwrap();
    let weights = |bytes: &[u8]| {
        let message = refused(|folder| fs::write(folder.join("model.safetensors"), bytes).unwrap());
        assert!(message.contains("model.safetensors"), "{message}");
        message
    };
    for end in [0, 1, 7, 8, 9, length - 1, length, length + 1, good.len() - 1] {
        weights(&good[..end]);
    }
    for first in [u64::MAX, 1 << 40, good.len() as u64, 0] {
        weights(&[&first.to_le_bytes(), &good[8..]].concat());
    }
    let name = "embeddings.LayerNorm.bias";
    for (pointer, value) in [
        ("", Value::Null),
        ("", json!([])),
        ("/dtype", json!("I64")),
        ("/shape", json!([9])),
        ("/shape", json!([u64::MAX, 2])),
        ("/shape", json!([])),
        ("/data_offsets", json!([0, u64::MAX])),
        ("/data_offsets", json!([u64::MAX, 31])),
        ("/data_offsets", json!([u64::MAX - 31, u64::MAX])),
        ("/data_offsets", json!([64, 32])),
        ("/data_offsets", json!([good.len(), good.len() + 32])),
        ("/data_offsets", json!([0, 31])),
        ("/data_offsets", json!([0])),
    ] {
        let mut header: Value = serde_json::from_slice(&good[8..length]).unwrap();
        *header.pointer_mut(&format!("/{name}{pointer}")).unwrap() = value;
        assert!(weights(&with_header(&header, &good[length..])).contains(name));
    }
    let nan = [&good[..good.len() - 4], &f32::NAN.to_le_bytes()].concat();
    assert!(weights(&nan).contains("is damaged"));
}

#[test]
fn names_may_say_of_which_kind_the_model_is() {
    let folder = folder();
    let place = folder.path().join("model.safetensors");
    let good = fs::read(&place).unwrap();
    let length = 8 + usize::try_from(u64::from_le_bytes(good[..8].try_into().unwrap())).unwrap();
    let header: serde_json::Map<String, Value> = serde_json::from_slice(&good[8..length]).unwrap();
    let renamed: serde_json::Map<String, Value> =
        header.into_iter().map(|(name, about)| (format!("bert.{name}"), about)).collect();
    fs::write(&place, with_header(&renamed.into(), &good[length..])).unwrap();
    assert!(MiniLm::from_folder(folder.path()).is_ok());
}
