//! Ed25519 by the ZIP-215 rules, one at a time and in batches that answer alike, and SHA-256.
//!
//! ZIP-215 because it alone gives one verdict however a signature is checked: cofactored equation,
//! any encoding of A and R that decompresses, s below the group order. So a validator that checks
//! in batches and one that checks singly never disagree about a block.

use ed25519_zebra::{batch, Signature, VerificationKey, VerificationKeyBytes};
use rand_core::OsRng;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// Signatures per batch. Measured in benchmarks/store: 64 to 512 differ by few per cent.
pub const CHUNK: usize = 256;

/// A public key, a signature and the message.
pub type Item<'a> = (&'a [u8], &'a [u8], &'a [u8]);

/// Whether a signature holds; wrong lengths do not.
pub fn verify(public: &[u8], signature: &[u8], message: &[u8]) -> bool {
    let (Ok(public), Ok(signature)) = (<[u8; 32]>::try_from(public), <[u8; 64]>::try_from(signature))
    else {
        return false;
    };
    VerificationKey::try_from(public)
        .and_then(|key| key.verify(&Signature::from(signature), message))
        .is_ok()
}

/// `verify` for every item, on all cores.
pub fn verify_batch(items: &[Item<'_>], chunk: usize) -> Vec<bool> {
    items.par_chunks(chunk.max(1)).flat_map_iter(verify_chunk).collect()
}

/// One batch; when it does not hold as a whole each is looked at alone.
fn verify_chunk(items: &[Item<'_>]) -> Vec<bool> {
    if holds_as_a_whole(items) {
        return vec![true; items.len()];
    }
    items.iter().map(|(public, signature, message)| verify(public, signature, message)).collect()
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
