//! Asks the sample company, and looks at what comes with an answer.

use leo::{Leo, Value};

#[tokio::main]
async fn main() -> leo::Result<()> {
    let leo = Leo::sample()?;
    let answer = leo.ask("top 5 products by revenue in 2024").await?;
    println!("{}\n", answer.narrative.text());

    // The rows are Arrow batches; as values they are whole numbers, floats, text, exact decimals.
    for row in answer.table.iter().flat_map(|table| table.rows()) {
        if let [Value::Text(product), Value::Float(revenue)] = row.as_slice() {
            println!("  {product:<24} {revenue:>12.2}");
        }
    }

    // What ran, with its values written in, for people to read. What was sent has placeholders: `answer.sql`, `answer.params`.
    println!("\n{}", answer.sql_with_values.unwrap_or_default());

    // A question without an answer is no error: the status and the message say why.
    for question in ["which orders are late?", "What is the meaning of life?"] {
        let answer = leo.ask(question).await?;
        println!("\n{question}\n  {}: {}", answer.status.as_str(), answer.message());
    }

    // Whoever wants only answers asks for an error instead.
    if let Err(error) = leo.ask("which orders are late?").await?.raise_for_status() {
        println!("\n{:?}: {}", error.kind(), error.message());
    }
    leo.close().await
}
