//! `leo eval`.

/// Arguments of `leo eval`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) async fn run(_args: Args) -> u8 {
    crate::exit::FAILED
}
