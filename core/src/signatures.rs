//! Ed25519 by the ZIP-215 rules, one at a time and in batches that answer alike, and SHA-256.
//!
//! ZIP-215 because it alone gives one verdict however a signature is checked: cofactored equation,
//! any encoding of A and R that decompresses, s below the group order. So a validator that checks
//! in batches and one that checks singly never disagree about a block.

use ed25519_zebra::{batch, Signature, VerificationKey, VerificationKeyBytes};
use rand_core::OsRng;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// Signatures per batch: larger ones cost less each (docs/decisions/core.md), and every core should
/// have one.
const CHUNKS: std::ops::RangeInclusive<usize> = 128..=2048;
/// A failed batch is looked at again in batches of so many, and those that fail one by one: bad
/// signatures among many good ones cost little, and nothing costs twice as much.
const SECOND_LOOK: usize = 64;

/// A public key, a signature and the message.
pub type Item<'a> = (&'a [u8], &'a [u8], &'a [u8]);

/// Whether a signature holds; wrong lengths do not.
pub fn verify(public: &[u8], signature: &[u8], message: &[u8]) -> bool {
    let (Ok(public), Ok(signature)) =
        (<[u8; 32]>::try_from(public), <[u8; 64]>::try_from(signature))
    else {
        return false;
    };
    VerificationKey::try_from(public)
        .and_then(|key| key.verify(&Signature::from(signature), message))
        .is_ok()
}

/// `verify` for every item, on all cores.
pub fn verify_batch(items: &[Item<'_>]) -> Vec<bool> {
    let share = items.len().div_ceil(rayon::current_num_threads().max(1));
    let chunk = share.clamp(*CHUNKS.start(), *CHUNKS.end());
    let mut verdicts = vec![false; items.len()];
    if items.len() <= chunk {
        judge(items, &mut verdicts); // to wake another thread costs more than it takes over
        return verdicts;
    }
    let chunks = items.par_chunks(chunk).zip(verdicts.par_chunks_mut(chunk));
    chunks.for_each(|(items, verdicts)| judge(items, verdicts));
    verdicts
}

/// One batch, closer where it does not hold as a whole.
fn judge(items: &[Item<'_>], verdicts: &mut [bool]) {
    if holds_as_a_whole(items) {
        verdicts.fill(true);
    } else if items.len() > SECOND_LOOK {
        let parts = items.chunks(SECOND_LOOK).zip(verdicts.chunks_mut(SECOND_LOOK));
        parts.for_each(|(items, verdicts)| judge(items, verdicts));
    } else {
        for ((public, signature, message), verdict) in items.iter().zip(verdicts) {
            *verdict = verify(public, signature, message);
        }
    }
}

fn holds_as_a_whole(items: &[Item<'_>]) -> bool {
    let mut batch = batch::Verifier::new();
    for (public, signature, message) in items {
        let (Ok(public), Ok(signature)) =
            (<[u8; 32]>::try_from(*public), <[u8; 64]>::try_from(*signature))
        else {
            return false;
        };
        batch.queue((VerificationKeyBytes::from(public), Signature::from(signature), message));
    }
    batch.verify(OsRng).is_ok()
}

/// SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// SHA-256 of each item; on all cores when there is much to do.
pub fn sha256_many(items: &[&[u8]]) -> Vec<[u8; 32]> {
    if items.len() < 256 {
        return items.iter().map(|item| sha256(item)).collect();
    }
    items.par_iter().with_min_len(64).map(|item| sha256(item)).collect()
}

cpufeatures::new!(sha_instructions, "sha", "sse2", "ssse3", "sse4.1");

/// Whether the sha2 crate finds the SHA instructions here: the same question it asks itself.
pub fn sha256_is_accelerated() -> bool {
    sha_instructions::get()
}
