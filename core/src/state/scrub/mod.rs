//! Reading again, bit by bit, what a running ledger keeps: is it still what was written?
//!
//! A pass goes through every file of the store and every row in memory. Tables and value files are
//! never changed once they are written, and the store knows the checksum of each whole file; the
//! journal has one a batch; each list of files has one in the file that names it; the rows in
//! memory have the hashes of the tree. Work comes in slices, so that whoever calls sets the pace.

mod journal;
mod records;
mod whole;

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ledger::Ledger;
use super::store::Part;
use super::tree::{slice_wrong, SLICES};
use super::versions::hex;
use crate::fault::{Fault, Outcome};
use journal::{Journal, Read};
use whole::Whole;

/// What a row in memory counts for in bytes: about what its key and value have.
const ROW_BYTES: u64 = 128;
/// So often a journal is read again from a batch that is not whole before that is believed.
const LOOKS: u32 = 3;

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `checksum`, `journal`, `list`, `missing`, `height`, `row` or `unreadable`.
    pub kind: &'static str,
    /// The file; of a row in memory, its key in hexadecimal.
    pub place: String,
    /// Where in the file what is wrong begins.
    pub offset: u64,
}

impl Finding {
    fn new(kind: &'static str, path: &Path, offset: u64) -> Self {
        Finding { kind, place: path.display().to_string(), offset }
    }
}

/// What a slice of work came to.
pub struct Slice {
    /// Bytes that were compared.
    pub bytes: u64,
    /// Whether the pass is over.
    pub done: bool,
    /// What was found; nothing else is looked at then.
    pub finding: Option<Finding>,
}

enum Work {
    Whole(Box<Whole>),
    Journal(Journal, u32),
    List(PathBuf),
    Witness(PathBuf),
    Rows(usize),
}

/// One pass through everything.
pub struct Scrub {
    ledger: Arc<Ledger>,
    left: Vec<Work>,
    total: u64,
}

impl Scrub {
    /// A pass over what the ledger keeps now.
    pub fn new(ledger: Arc<Ledger>) -> Outcome<Self> {
        let mut left = vec![Work::Rows(0)];
        let mut total = ledger.latest().rows.len() as u64 * ROW_BYTES;
        for kept in ledger.with_store(|store| store.kept())? {
            if let Part::Whole(path, _) | Part::Journal(path) = &kept {
                total += disk_bytes(path);
            }
            left.push(match kept {
                Part::Whole(path, sum) => Work::Whole(Box::new(Whole::new(path, sum))),
                Part::Journal(path) => Work::Journal(Journal::new(path), 0),
                Part::List(folder) => Work::List(folder),
                Part::Witness(path) => Work::Witness(path),
            });
        }
        Ok(Scrub { ledger, left, total })
    }

    /// What the pass has to compare, in bytes; what is written meanwhile comes on top.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Compare about so many bytes. Faults where the store was closed, or the system is short of
    /// what reading takes.
    pub fn step(&mut self, budget: u64) -> Outcome<Slice> {
        let mut slice = Slice { bytes: 0, done: false, finding: None };
        while slice.bytes < budget && slice.finding.is_none() {
            let Some(work) = self.left.pop() else {
                slice.done = true;
                break;
            };
            let budget = budget - slice.bytes;
            match work {
                Work::Whole(one) => self.whole(one, budget, &mut slice)?,
                Work::Journal(one, looks) => self.journal(one, looks, budget, &mut slice)?,
                Work::List(folder) => slice.finding = self.list(&folder)?,
                Work::Witness(path) => slice.finding = self.ledger.check_witness(&path)?,
                Work::Rows(number) => self.rows(number, &mut slice),
            }
        }
        Ok(slice)
    }

    fn is_kept(&self, path: &Path) -> Outcome<bool> {
        let kept = self.ledger.with_store(|store| store.kept())?;
        Ok(kept.iter().any(|one| match one {
            Part::Whole(known, _) | Part::Journal(known) => known == path,
            _ => false,
        }))
    }

    fn whole(&mut self, mut one: Box<Whole>, budget: u64, slice: &mut Slice) -> Outcome<()> {
        let kind = match one.read(budget) {
            Ok(read) => {
                slice.bytes += read;
                match one.verdict() {
                    None => {
                        self.left.push(Work::Whole(one));
                        return Ok(());
                    }
                    Some(true) => return Ok(()),
                    Some(false) => "checksum",
                }
            }
            Err(fault) if fault.kind() == ErrorKind::NotFound => "missing",
            Err(fault) if is_passing(&fault) => return Err(unread(one.path(), &fault)),
            Err(_) => "unreadable",
        };
        // Tidied away since the pass began: nothing reads it any more.
        if self.is_kept(one.path())? {
            let offset = if kind == "missing" { 0 } else { records::first_wrong(one.path()) };
            slice.finding = Some(Finding::new(kind, one.path(), offset));
        }
        Ok(())
    }

    fn journal(
        &mut self,
        mut one: Journal,
        looks: u32,
        budget: u64,
        slice: &mut Slice,
    ) -> Outcome<()> {
        let before = one.at();
        let read = one.read(budget);
        slice.bytes += one.at() - before;
        match read {
            Ok(Read::End) => {}
            Ok(Read::More) => self.left.push(Work::Journal(one, 0)),
            // A batch may be under way, or lie in a buffer; once written out it has to be whole.
            Ok(Read::Broken) if looks < LOOKS => {
                let looks = if one.at() == before { looks + 1 } else { 1 };
                self.ledger.with_store(|store| store.write_out())?;
                self.left.push(Work::Journal(one, looks));
                slice.bytes += budget; // the next look comes later
            }
            Err(fault) if fault.kind() == ErrorKind::NotFound => {}
            Err(fault) if is_passing(&fault) => return Err(unread(one.path(), &fault)),
            broken => {
                let kind = if broken.is_ok() { "journal" } else { "unreadable" };
                if self.is_kept(one.path())? {
                    slice.finding = Some(Finding::new(kind, one.path(), one.at()));
                }
            }
        }
        Ok(())
    }

    /// The list may be replaced at any time, and its predecessor removed: then look again.
    fn list(&self, folder: &Path) -> Outcome<Option<Finding>> {
        for _ in 0..LOOKS {
            match whole::list_is_right(folder) {
                Ok(true) => return Ok(None),
                Err(fault) if is_passing(&fault) => return Err(unread(folder, &fault)),
                _ => {}
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        self.ledger.with_store(|_| Ok(()))?;
        Ok(Some(Finding::new("list", &folder.join("current"), 0)))
    }

    fn rows(&mut self, number: usize, slice: &mut Slice) {
        let (tree, rows) = {
            let latest = self.ledger.latest();
            (latest.tree.clone(), latest.rows.len())
        };
        slice.bytes += (rows as u64 * ROW_BYTES / SLICES as u64).max(1);
        slice.finding = tree
            .as_ref()
            .and_then(|node| slice_wrong(node, number))
            .map(|leaf| Finding { kind: "row", place: hex(&leaf.key), offset: 0 });
        if number + 1 < SLICES {
            self.left.push(Work::Rows(number + 1));
        }
    }
}

/// Whether the system is short of something (open files, memory): that says nothing of a file.
fn is_passing(fault: &std::io::Error) -> bool {
    #[cfg(target_os = "linux")]
    {
        use rustix::io::Errno;
        let short = [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::AGAIN, Errno::INTR];
        short.iter().any(|one| fault.raw_os_error() == Some(one.raw_os_error()))
    }
    #[cfg(not(target_os = "linux"))]
    matches!(fault.kind(), ErrorKind::OutOfMemory | ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

fn unread(path: &Path, fault: &std::io::Error) -> Fault {
    Fault(format!("{}: {fault}", path.display()))
}

/// A journal is laid out long before it is written: what counts is what is on the disk.
fn disk_bytes(path: &Path) -> u64 {
    let Ok(found) = std::fs::metadata(path) else { return 0 };
    #[cfg(unix)]
    return found.len().min(std::os::unix::fs::MetadataExt::blocks(&found) * 512);
    #[cfg(not(unix))]
    found.len()
}

/// Open a file so that reading it asks the disk, where the system lets us say so.
fn open_past_cache(path: &Path) -> std::io::Result<File> {
    let file = File::open(path)?;
    #[cfg(target_os = "linux")]
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
    Ok(file)
}

impl Ledger {
    /// The witness says the height of the newest block, whenever nothing is being committed.
    fn check_witness(&self, path: &Path) -> Outcome<Option<Finding>> {
        let _alone = self.committing();
        let newest = self.latest().height;
        self.with_store(|_| Ok(()))?;
        let right = match std::fs::read(path) {
            Ok(seen) => seen.is_empty() || seen == newest.to_be_bytes(),
            Err(fault) => return Err(unread(path, &fault)),
        };
        Ok((!right).then(|| Finding::new("height", path, 0)))
    }
}
