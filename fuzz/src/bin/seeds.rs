//! Writes the statements of the guard's cases as seeds into the folder that is given: one file each, the dialect in front.

use std::path::Path;

fn main() {
    let folder = std::env::args().nth(1).expect("usage: seeds FOLDER");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/guard");
    let mut written = 0;
    for file in std::fs::read_dir(cases).expect("the cases are beside this").flatten() {
        if file.path().extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = std::fs::read_to_string(file.path()).expect("a readable file");
        // Every second part is inside of a fence; its first line says what is expected.
        for block in text.split("```").skip(1).step_by(2) {
            let Some((_, sql)) = block.split_once('\n') else { continue };
            let dialect = b'A' + (written % 6) as u8;
            let seed = [&[dialect], sql.trim_end().as_bytes()].concat();
            std::fs::write(Path::new(&folder).join(format!("{written:04}")), seed).expect("the folder can be written");
            written += 1;
        }
    }
    println!("{written} seeds");
}
