//! One step of a light client: whether a header may be believed because another one was.
//!
//! The arithmetic is the tendermint-light-client-verifier crate's.

use std::time::Duration;

use serde_json::Value;
use tendermint::block::signed_header::SignedHeader;
use tendermint::trust_threshold::TrustThresholdFraction;
use tendermint::{validator, Time};
use tendermint_light_client_verifier::options::Options;
use tendermint_light_client_verifier::types::{TrustedBlockState, UntrustedBlockState};
use tendermint_light_client_verifier::{ProdVerifier, Verdict, Verifier};

use super::{commit, header, validator_set};
use crate::fault::{refuse, Fault, Outcome};

/// A validator set as plain data: public keys and powers.
pub type PlainSet<'a> = &'a [(&'a [u8], i64)];

/// How far trust goes.
pub struct Limits {
    /// Which part of the trusted set has to sign: numerator, denominator.
    pub threshold: (u64, u64),
    /// For how long a header stays trusted, in seconds.
    pub trusting_s: u64,
    /// How far a header may lie in the future, in seconds.
    pub drift_s: u64,
    /// The time of the one who asks, in milliseconds.
    pub now_ms: i64,
}

/// A header with its commit and the sets around it.
pub struct Step<'a> {
    /// Encoded header.
    pub header: &'a [u8],
    /// Encoded commit over it.
    pub commit: &'a [u8],
    /// The set that signed.
    pub validators: PlainSet<'a>,
    /// The set that signs the next one, where it is known.
    pub next: Option<PlainSet<'a>>,
}

/// `success`, `not_enough_trust` or `invalid`, and why.
pub fn verify(
    trusted: &[u8],
    trusted_next: PlainSet<'_>,
    step: &Step<'_>,
    limits: &Limits,
) -> Outcome<(&'static str, String)> {
    let trusted = header::decode(trusted)?;
    let next_set: validator::Set = validator_set(trusted_next)?;
    if trusted.next_validators_hash != next_set.hash() {
        return refuse("the trusted header names another next validator set");
    }
    let header = header::decode(step.header)?;
    let signed = SignedHeader::new(header, commit::decode(step.commit)?)
        .map_err(|e| Fault(e.to_string()))?;
    let validators = validator_set(step.validators)?;
    let next = step.next.map(validator_set).transpose()?;
    let (numerator, denominator) = limits.threshold;
    let options = Options {
        trust_threshold: TrustThresholdFraction::new(numerator, denominator)
            .map_err(|e| Fault(e.to_string()))?,
        trusting_period: Duration::from_secs(limits.trusting_s),
        clock_drift: Duration::from_secs(limits.drift_s),
    };
    let seconds = limits.now_ms.div_euclid(1000);
    let nanos = limits.now_ms.rem_euclid(1000) as u32 * 1_000_000;
    let now = Time::from_unix_timestamp(seconds, nanos).map_err(|e| Fault(e.to_string()))?;
    let untrusted = UntrustedBlockState {
        signed_header: &signed,
        validators: &validators,
        next_validators: next.as_ref(),
    };
    let state = TrustedBlockState {
        chain_id: &trusted.chain_id,
        header_time: trusted.time,
        height: trusted.height,
        next_validators: &next_set,
        next_validators_hash: trusted.next_validators_hash,
    };
    Ok(match ProdVerifier::default().verify_update_header(untrusted, state, &options, now) {
        Verdict::Success => ("success", String::new()),
        Verdict::NotEnoughTrust(tally) => ("not_enough_trust", tally.to_string()),
        Verdict::Invalid(why) => ("invalid", why.to_string()),
    })
}

/// A header and its commit, encoded, from the JSON of an engine's RPC (`signed_header`).
pub fn signed_header_from_json(json: &[u8]) -> Outcome<(Vec<u8>, Vec<u8>)> {
    let unread = |e: &dyn std::fmt::Display| Fault(format!("this is not a signed header: {e}"));
    let plain: Value = serde_json::from_slice(json).map_err(|e| unread(&e))?;
    require_encodings(&plain)?;
    let signed: SignedHeader = serde_json::from_slice(json).map_err(|e| unread(&e))?;
    // What was read has to be one that we take ourselves.
    let (header, commit) =
        (header::encode_typed(signed.header), commit::encode_typed(signed.commit));
    header::decode(&header)?;
    commit::decode(&commit)?;
    Ok((header, commit))
}

/// Refuse base64 and hexadecimal that are none: the library below panics on some of them.
fn require_encodings(signed: &Value) -> Outcome<()> {
    let hex = |value: &Value| {
        value.as_str().is_none_or(|text| {
            text.len() % 2 == 0 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    };
    let base64 = |value: &Value| value.as_str().is_none_or(is_base64);
    let header = &signed["header"];
    let commit = &signed["commit"];
    let hashes = header.as_object().into_iter().flatten();
    let sound = hashes.into_iter().all(|(name, value)| {
        let hashed = name.ends_with("_hash") || name == "proposer_address";
        !hashed || hex(value)
    });
    let ids = [&header["last_block_id"], &commit["block_id"]];
    let ids_sound = ids.iter().all(|id| hex(&id["hash"]) && hex(&id["parts"]["hash"]));
    let signatures = commit["signatures"].as_array().into_iter().flatten();
    let signed_soundly = signatures
        .into_iter()
        .all(|one| base64(&one["signature"]) && hex(&one["validator_address"]));
    if sound && ids_sound && signed_soundly {
        return Ok(());
    }
    refuse("this is not a signed header: a hash or a signature is not written as one")
}

/// Whether a text is base64 with its padding (RFC 4648, 4).
fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let padding = text.len() - body.len();
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    text.len().is_multiple_of(4) && padding <= 2 && body.bytes().all(letter)
}

/// The JSON that an engine's RPC takes and gives for an encoded header and its commit.
pub fn signed_header_to_json(header: &[u8], commit: &[u8]) -> Outcome<Vec<u8>> {
    let signed = SignedHeader::new(header::decode(header)?, commit::decode(commit)?)
        .map_err(|e| Fault(e.to_string()))?;
    serde_json::to_vec(&signed).map_err(|e| Fault(e.to_string()))
}
