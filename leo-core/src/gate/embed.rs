//! Texts are made vectors: by a service, recorded before with the hash of what it is sent, and after.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::attempt::{Attempt, Status};
use super::record::RecordMeta;
use crate::adapter::{AuditEvent, AuditSink, Embedder, caught};
use crate::audit;
use crate::context::Context;
use crate::error::Result;
use crate::value::to_hex;

const FAILED: &str = "the host's embedder failed";

/// Who makes vectors, and where it is recorded.
#[derive(Clone, Copy)]
pub(crate) struct EmbedCall<'a> {
    pub(crate) embedder: &'a dyn Embedder,
    pub(crate) ctx: &'a Context,
    /// Id of the source whose names they are.
    pub(crate) source: &'a str,
    pub(crate) audit: &'a Arc<dyn AuditSink>,
    pub(crate) meta: &'a RecordMeta,
}

impl EmbedCall<'_> {
    /// A vector for each text, as the embedder gives them.
    ///
    /// # Errors
    /// The embedder's, the audit sink's.
    pub(crate) async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>> {
        let host = || self.ctx.to_host();
        if !self.embedder.is_service() {
            return caught(FAILED, async || self.embedder.embed(host(), texts).await).await;
        }
        // What looks like an address or a number of somebody does not leave.
        let texts: Vec<String> = texts.iter().map(|text| audit::mask_text(text).into_owned()).collect();
        let mut hash = Sha256::new();
        for text in &texts {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        let event = AuditEvent {
            preset: Some(self.meta.preset.as_str().to_owned()),
            source: Some(self.source.to_owned()),
            target: Some("embedder".to_owned()),
            purpose: Some("search".to_owned()),
            prompt_hash: Some(to_hex(&hash.finalize())),
            settings_hash: Some(self.meta.settings_hash.clone()).filter(|hash| !hash.is_empty()),
            ..audit::event(self.ctx, "tool_invocation")
        };
        let attempt = Attempt::open(Arc::clone(self.audit), event).await?;
        match self.embedder.embed(host(), texts).await {
            Ok(vectors) => attempt.close(Status::Ok).await.map(|()| vectors),
            Err(error) => Err(attempt.fail(error).await),
        }
    }
}
