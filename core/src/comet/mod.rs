//! CometBFT v0.38: headers, commits, results and the sets and hashes around them.
//!
//! Types and the light client's arithmetic come from the tendermint crates. Decoders take only the
//! canonical encoding of a value, so that no two byte strings mean the same header or commit.

pub mod abci;
pub mod commit;
pub mod header;
#[cfg(test)]
mod hostile;
pub mod light;
pub mod privval;

use prost::Message;
use tendermint::{validator, vote, PublicKey};
use tendermint_proto::v0_38::{abci::ExecTxResult, types as raw};

use crate::fault::{refuse, Fault, Outcome};
use crate::merkle::{self, Hash, Levels};
use crate::signatures::{sha256, sha256_many};

/// Block hash, number of parts, hash of the part set.
pub type BlockId = (Vec<u8>, u32, Vec<u8>);

/// What CometBFT allows for the sum of all powers.
const MAX_TOTAL_POWER: i64 = i64::MAX / 8;
/// No set of validators is larger, by far.
const MAX_VALIDATORS: usize = 65_536;

/// Decode a message and insist that these bytes are its one canonical encoding.
pub fn decode_canonical<M: Message + Default>(bytes: &[u8], what: &str) -> Outcome<M> {
    let message = M::decode(bytes).map_err(|e| Fault(format!("this is not a {what}: {e}")))?;
    if message.encode_to_vec() != bytes {
        return refuse(format!("this is not a {what} in canonical form"));
    }
    Ok(message)
}

/// The protobuf form of a block id.
pub fn raw_block_id(id: &BlockId) -> raw::BlockId {
    let part_set_header = Some(raw::PartSetHeader { total: id.1, hash: id.2.clone() });
    raw::BlockId { hash: id.0.clone(), part_set_header }
}

/// Plain data of a protobuf block id; None for the id of no block.
pub fn plain_block_id(id: Option<raw::BlockId>) -> Option<BlockId> {
    let id = id?;
    let parts = id.part_set_header.unwrap_or_default();
    let empty = id.hash.is_empty() && parts.total == 0 && parts.hash.is_empty();
    (!empty).then_some((id.hash, parts.total, parts.hash))
}

/// Tree over the transactions' hashes.
pub fn data_levels(txs: &[&[u8]]) -> Levels {
    Levels::new(merkle::leaf_hashes(&sha256_many(txs)))
}

/// One deterministic result, as it stands under last_results_hash.
pub fn result_leaf(code: u32, data: &[u8]) -> Vec<u8> {
    ExecTxResult { code, data: data.to_vec().into(), ..Default::default() }.encode_to_vec()
}

/// Tree over the results.
pub fn result_levels(results: &[(u32, &[u8])]) -> Levels {
    let leaves: Vec<_> = results.iter().map(|(code, data)| result_leaf(*code, data)).collect();
    Levels::new(merkle::leaf_hashes(&leaves))
}

/// SHA-256 of the parameters that a header commits to.
pub fn consensus_params_hash(max_bytes: i64, max_gas: i64) -> Hash {
    let params = raw::HashedParams { block_max_bytes: max_bytes, block_max_gas: max_gas };
    sha256(&params.encode_to_vec())
}

/// The first 20 bytes of the key's SHA-256.
pub fn validator_address(public: &[u8]) -> Outcome<Vec<u8>> {
    let key = public_key(public)?;
    Ok(tendermint::account::Id::from(key).as_bytes().to_vec())
}

fn public_key(public: &[u8]) -> Outcome<PublicKey> {
    PublicKey::from_raw_ed25519(public)
        .ok_or_else(|| Fault::new("a validator's key is not an Ed25519 public key"))
}

/// A validator set in CometBFT's order: by power downwards, then by address.
pub fn validator_set(validators: &[(&[u8], i64)]) -> Outcome<validator::Set> {
    if validators.len() > MAX_VALIDATORS {
        return refuse("there are too many validators");
    }
    let mut total: i64 = 0;
    let mut set = Vec::with_capacity(validators.len());
    for (public, power) in validators {
        total = total.saturating_add(*power);
        if *power <= 0 || total > MAX_TOTAL_POWER {
            return refuse("a validator's power, or the sum of all, is out of range");
        }
        let power = vote::Power::try_from(*power).map_err(|e| Fault(e.to_string()))?;
        set.push(validator::Info::new(public_key(public)?, power));
    }
    Ok(validator::Set::without_proposer(set))
}

/// Hash of a validator set.
pub fn validators_hash(validators: &[(&[u8], i64)]) -> Outcome<Vec<u8>> {
    Ok(validator_set(validators)?.hash().as_bytes().to_vec())
}
