//! Bytes that somebody else chose: every decoder refuses them, and none panics.

use super::{abci, commit, header, light, privval, BlockId};
use crate::merkle;

const SIGNED_HEIGHT: i64 = 9;

fn header_of(height: i64) -> Vec<u8> {
    header::encode(header::PlainHeader {
        chain_id: "hostile".into(),
        height,
        time_ms: 1_790_000_000_123,
        block_version: 11,
        last_block_id: Some((vec![1; 32], 1, vec![2; 32])),
        last_commit_hash: vec![3; 32],
        data_hash: vec![4; 32],
        validators_hash: vec![5; 32],
        next_validators_hash: vec![5; 32],
        consensus_hash: vec![6; 32],
        app_hash: vec![7; 32],
        last_results_hash: vec![8; 32],
        evidence_hash: vec![9; 32],
        proposer_address: vec![10; 20],
        ..Default::default()
    })
    .expect("a sound header")
}

fn commit_of(header: &[u8]) -> Vec<u8> {
    let id: BlockId = (header::hash(header).expect("its hash"), 1, vec![2; 32]);
    let absent: (&[u8], i64, &[u8]) = (&[], 0, &[]);
    let signed: (&[u8], i64, &[u8]) = (&[10; 20], 1_790_000_000_456, &[11; 64]);
    commit::encode(SIGNED_HEIGHT, 0, &id, &[signed, absent]).expect("a sound commit")
}

fn json() -> String {
    let header = header_of(SIGNED_HEIGHT);
    let json = light::signed_header_to_json(&header, &commit_of(&header)).expect("its JSON");
    String::from_utf8(json).expect("text")
}

/// Every decoder of what an engine, a peer or a stranger sends.
fn read_all(bytes: &[u8]) {
    let _ = header::hash(bytes);
    let _ = header::fields(bytes);
    let _ = header::block_id(bytes, &[bytes], Some(bytes));
    let _ = commit::hash(bytes);
    let _ = commit::fields(bytes);
    let _ = commit::verify("hostile", bytes, bytes, &[(&[1; 32], 10)]);
    let _ = light::signed_header_from_json(bytes);
    let _ = light::signed_header_to_json(bytes, bytes);
    let _ = abci::split(bytes, 1 << 20);
    let _ = privval::read(bytes);
    let _ = privval::signed(bytes, bytes, i64::MIN);
    let _ = merkle::verify(bytes, bytes, u64::MAX, u64::MAX, &[bytes]);
}

fn mutations(document: &[u8], mut read: impl FnMut(&[u8])) {
    for place in 0..document.len() {
        let mut spoiled = document.to_vec();
        for byte in [0, 1, b'"', b'=', b'A', b'-', b'9', b'[', 0x7f, 0x80, 0xff] {
            spoiled[place] = byte;
            read(&spoiled);
        }
        read(&document[..place]);
        read(&document[place..]);
        let mut longer = document.to_vec();
        longer.insert(place, document[place]);
        read(&longer);
        let mut shorter = document.to_vec();
        shorter.remove(place);
        read(&shorter);
    }
}

#[test]
fn signatures_of_every_length_and_padding_are_read_or_refused() {
    let sound = json();
    let start = sound.find("\"signature\":\"").expect("a signature") + 13;
    let end = start + sound[start..].find('"').expect("its end");
    for length in 0..180 {
        for padding in 0..5 {
            for letter in ["A", "/", "é", "\\u0000", "_"] {
                let text = letter.repeat(length) + &"=".repeat(padding);
                let spoiled = format!("{}{text}{}", &sound[..start], &sound[end..]);
                let _ = light::signed_header_from_json(spoiled.as_bytes());
            }
        }
    }
}

#[test]
fn hashes_of_every_length_are_read_or_refused() {
    let sound = json();
    let fields = ["app_hash", "data_hash", "proposer_address", "validator_address", "hash"];
    for field in fields {
        let start = sound.find(&format!("\"{field}\":\"")).expect(field) + field.len() + 4;
        let end = start + sound[start..].find('"').expect("its end");
        for length in 0..140 {
            for letter in ["A", "g", "=", "é"] {
                let text = letter.repeat(length);
                let spoiled = format!("{}{text}{}", &sound[..start], &sound[end..]);
                let _ = light::signed_header_from_json(spoiled.as_bytes());
            }
        }
    }
}

#[test]
fn a_sound_signed_header_comes_back_as_it_was() {
    let header = header_of(SIGNED_HEIGHT);
    let commit = commit_of(&header);
    let back = light::signed_header_from_json(json().as_bytes());
    assert_eq!(back, Ok((header, commit)));
}

#[test]
fn every_changed_byte_of_a_document_is_read_or_refused() {
    let header = header_of(SIGNED_HEIGHT);
    mutations(&header, read_all);
    mutations(&commit_of(&header), read_all);
    mutations(json().as_bytes(), |bytes| {
        let _ = light::signed_header_from_json(bytes);
    });
}

#[test]
fn bytes_of_any_kind_are_read_or_refused() {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    for length in 0..400 {
        let bytes: Vec<u8> = (0..length)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            })
            .collect();
        read_all(&bytes);
    }
}
