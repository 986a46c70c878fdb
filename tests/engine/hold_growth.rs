//! Between placing and release a hold's coverage only grows: random sequences of everything that happens to an archive.
//!
//! What is demanded is more than that an item stays held: each hold keeps each item that it held, until that hold itself was
//! released and its delay is over. What may be deleted meanwhile is deleted, so that nothing held is lost on that way either.

use crate::common::{TestArchive, actor};
use custodia::{
    Archive, ArchiveWriter,
    archive::{
        ApplyOptions, Backup, CustodianOptions, HoldRequest, LabelRequest, PolicyEdit, PolicyRequest, RebuildOptions,
        RestoreRequest, SearchOptions, Selection,
    },
    clock::{Clock, FixedClock, SystemClock},
    governance::BlockerKind,
    model::{HoldId, HoldKind, Instant, MailboxName, MessageId, Period, PeriodStart, Terms, Then},
    progress::Silent,
    synthetic::Corpus,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::Arc,
};

const HOUR: i64 = 3600 * 1000;
const SEEDS: u64 = 3;
const EVERYTHING: &str = "kind:externaldata";

/// A hold and an item that it keeps from being deleted.
type Held = BTreeSet<(HoldId, MessageId, MailboxName)>;

/// Numbers from a seed: the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len() as u64) as usize]
    }
}

/// What can happen between two looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Rename,
    AddNumber,
    TakeNumbers,
    ImportMapping,
    RemoveMapping,
    Tag,
    Untag,
    Disable,
    Enable,
    AddCustodian,
    RemoveCustodian,
    Clock,
    Reimport,
    ImportMore,
    RebuildAll,
    RebuildIndex,
    RebuildCatalog,
    LoseState,
    OtherAnalyser,
    BackupAndRestore,
    Floor,
    AddPolicy,
    EditPolicy,
    RemovePolicy,
    AddLabel,
    ApplyLabel,
    ClearLabels,
    Delete,
    DeleteAndUndo,
    EditHold,
    Release,
    EndDelay,
    Place,
}

const STEPS_THERE_ARE: [Step; 33] = [
    Step::Rename,
    Step::AddNumber,
    Step::TakeNumbers,
    Step::ImportMapping,
    Step::RemoveMapping,
    Step::Tag,
    Step::Untag,
    Step::Disable,
    Step::Enable,
    Step::AddCustodian,
    Step::RemoveCustodian,
    Step::Clock,
    Step::Reimport,
    Step::ImportMore,
    Step::RebuildAll,
    Step::RebuildIndex,
    Step::RebuildCatalog,
    Step::LoseState,
    Step::OtherAnalyser,
    Step::BackupAndRestore,
    Step::Floor,
    Step::AddPolicy,
    Step::EditPolicy,
    Step::RemovePolicy,
    Step::AddLabel,
    Step::ApplyLabel,
    Step::ClearLabels,
    Step::Delete,
    Step::DeleteAndUndo,
    Step::EditHold,
    Step::Release,
    Step::EndDelay,
    Step::Place,
];

struct World {
    test: TestArchive,
    dice: Dice,
    /// Hours that the clock stands from now.
    hours: i64,
    users: Vec<String>,
    /// What is made gets the next number in its name.
    made: u32,
    /// Every step in some order, the rest of a round.
    round: Vec<Step>,
}

impl World {
    fn new(seed: u64) -> Self {
        let test = TestArchive::seeded(seed, 40);
        test.import();
        let users: Vec<String> = test.corpus.mailboxes().map(str::to_owned).collect();
        test.open().create_case("Falcon", "", false).unwrap();
        test.open().tag("hot", &Selection::Query("wire".into()), false).unwrap();
        Self { test, dice: Dice(seed * 7919 + 1), hours: 0, users, made: 0, round: Vec::new() }
    }

    fn clock(&self) -> FixedClock {
        FixedClock(Instant(SystemClock.now().0 + self.hours * HOUR))
    }

    fn open(&self) -> Archive {
        Archive::open(&self.test.path(), actor(), Arc::new(self.clock())).unwrap()
    }

    fn writer(&self) -> ArchiveWriter {
        ArchiveWriter::open(self.open(), &Silent).unwrap()
    }

    fn number(&mut self) -> String {
        format!("4477009009{:02}", self.dice.roll(8) + 90)
    }

    fn user(&mut self) -> String {
        self.dice.one(&self.users).clone()
    }

    fn name(&mut self, letter: char) -> String {
        self.made += 1;
        format!("{letter}{}", self.made)
    }

    fn messages(&self) -> Vec<MessageId> {
        self.open().search_ids("", &SearchOptions { limit: 1_000, ..SearchOptions::default() }).unwrap()
    }

    /// A hold of one of nine kinds. None of so many days: those let go of items by themselves.
    fn request(&mut self, kind: u64) -> HoldRequest {
        let (user, other) = (self.user(), self.user());
        let base = HoldRequest {
            name: self.name('H'),
            case: "Falcon".into(),
            custodians: vec![user.clone()],
            reason: "r".into(),
            ..HoldRequest::default()
        };
        let query = |text: String| HoldRequest { query: Some(text), ..base.clone() };
        match kind {
            0 => {
                let mailboxes = vec![user];
                HoldRequest { kind: HoldKind::Litigation, case: String::new(), custodians: vec![], mailboxes, ..base }
            }
            1 => query(format!("from:{other}")),
            2 => query(format!("NOT participants:{other}")),
            3 => query(format!("to:{} sent<today", self.number())),
            4 => query("wire OR \"New Name\"".into()),
            5 => HoldRequest { since: Instant::parse_rfc3339("2025-09-01T00:00:00Z"), ..base },
            6 => {
                let messages = self.messages();
                let ids = (0..10).map(|_| self.dice.one(&messages).to_string()).collect();
                HoldRequest { ids: Some(ids), ..base }
            }
            7 => {
                let messages = self.messages();
                let id = self.dice.one(&messages).to_string();
                let chat = self.open().find_message(&id).unwrap().conversation.id;
                HoldRequest { conversations: vec![chat], custodians: self.users.clone(), ..base }
            }
            _ => HoldRequest { tag: Some("hot".into()), custodians: self.users.clone(), ..base },
        }
    }

    /// The next thing that happens: in each round everything that can, in another order.
    fn next(&mut self) -> Step {
        if self.round.is_empty() {
            self.round = STEPS_THERE_ARE.to_vec();
            for n in (1..self.round.len()).rev() {
                let other = self.dice.roll(n as u64 + 1) as usize;
                self.round.swap(n, other);
            }
        }
        self.round.pop().unwrap()
    }

    /// Something happens; whether it did, and was not refused.
    fn step(&mut self, step: Step) -> bool {
        match step {
            Step::Rename
            | Step::AddNumber
            | Step::TakeNumbers
            | Step::ImportMapping
            | Step::RemoveMapping
            | Step::Disable
            | Step::Enable => self.directory(step),
            Step::Floor
            | Step::AddPolicy
            | Step::EditPolicy
            | Step::RemovePolicy
            | Step::AddLabel
            | Step::ApplyLabel
            | Step::ClearLabels => self.retention(step),
            Step::EditHold | Step::Release | Step::EndDelay | Step::Place => self.holds(step),
            Step::Tag => self.open().tag("hot", &Selection::Query(self.word()), false).is_ok(),
            Step::Untag => self.open().untag("hot", None, false).is_ok(),
            Step::AddCustodian => {
                let user = self.user();
                self.open().add_custodians("Falcon", &[user], &CustodianOptions::default(), false).is_ok()
            }
            Step::RemoveCustodian => {
                let user = self.user();
                self.open().remove_custodian("Falcon", &user, "left", false).is_ok()
            }
            Step::Clock => {
                self.hours += 24 * (self.dice.roll(30) as i64 - 10);
                true
            }
            Step::Delete => self.delete(false),
            Step::DeleteAndUndo => self.delete(true),
            _ => {
                self.stores(step);
                true
            }
        }
    }

    fn word(&mut self) -> String {
        (*self.dice.one(&["wire", "invoice", "the", "kind:call"])).to_owned()
    }

    fn directory(&mut self, step: Step) -> bool {
        let (user, number) = (self.user(), self.number());
        let mut archive = self.open();
        match step {
            Step::Rename => archive.edit_user(&user, Some(format!("New Name {}", self.dice.roll(3))), &[], &[]).is_ok(),
            Step::AddNumber => archive.edit_user(&user, None, &[number], &[]).is_ok(),
            Step::TakeNumbers => {
                let numbers = |user: &custodia::model::User| user.numbers.iter().map(ToString::to_string).collect();
                let listed: Vec<(String, Vec<String>)> =
                    archive.state().users.values().map(|user| (user.email.to_string(), numbers(user))).collect();
                let listed: Vec<_> = listed.into_iter().filter(|(_, numbers)| !numbers.is_empty()).collect();
                let (user, numbers) = self.dice.one(&listed).clone();
                archive.edit_user(&user, None, &[], &numbers).is_ok()
            }
            Step::ImportMapping => {
                let row = format!("number,email\n{number},{user}\n");
                archive.import_mapping("m.csv", row.as_bytes(), self.dice.roll(2) == 0, None, false).is_ok()
            }
            Step::RemoveMapping => {
                let rows: Vec<String> = archive.state().mapping.iter().map(|row| row.number.to_string()).collect();
                !rows.is_empty() && archive.remove_mapping(self.dice.one(&rows).as_str(), false).is_ok()
            }
            Step::Disable => archive.disable_user(&user, "left").is_ok(),
            _ => archive.enable_user(&user).is_ok(),
        }
    }

    fn retention(&mut self, step: Step) -> bool {
        let period = |text: &str| Period::parse(text).unwrap();
        let due = Terms {
            keep: Some(period("1d")),
            then: Then::Delete,
            delete_after: None,
            from: *self.dice.one(&[PeriodStart::Sent, PeriodStart::Imported]),
        };
        let (word, reason) = (self.word(), "schedule".to_owned());
        let (name, user) = (self.name('R'), self.user());
        let mut archive = self.open();
        let policies: Vec<String> =
            archive.state().schedule.active_policies().map(|policy| policy.name.clone()).collect();
        let labels: Vec<String> = archive.state().schedule.labels.values().map(|label| label.name.clone()).collect();
        match step {
            Step::Floor => archive.set_minimum_retention(period("1d"), &reason, false).is_ok(),
            Step::AddPolicy => {
                let all = self.dice.roll(2) == 0;
                let request = PolicyRequest {
                    name,
                    terms: due,
                    mailboxes: if all { vec![] } else { vec![user] },
                    groups: vec![],
                    all,
                    excluded: vec![],
                    lock: false,
                    reason,
                };
                archive.add_policy(&request, false).is_ok()
            }
            Step::EditPolicy if !policies.is_empty() => {
                let days = self.dice.roll(9) + 1;
                let edit = PolicyEdit { keep: Some(period(&format!("{days}d"))), reason, ..PolicyEdit::default() };
                archive.edit_policy(self.dice.one(&policies).as_str(), &edit, false).is_ok()
            }
            Step::RemovePolicy if !policies.is_empty() => {
                archive.remove_policy(self.dice.one(&policies).as_str(), &reason, false).is_ok()
            }
            Step::AddLabel => {
                let auto = (self.dice.roll(2) == 0).then_some(word);
                archive.add_label(&LabelRequest { name, terms: due, auto, reason }, false).is_ok()
            }
            Step::ApplyLabel if !labels.is_empty() => archive
                .apply_label(self.dice.one(&labels).as_str(), &Selection::Query(word), &[], &reason, false)
                .is_ok(),
            Step::ClearLabels => archive.clear_labels(&Selection::Query(word), &[], &reason, false).is_ok(),
            _ => false,
        }
    }

    fn holds(&mut self, step: Step) -> bool {
        let user = self.user();
        let mut archive = self.open();
        let of = |archive: &Archive, active: bool| -> Vec<String> {
            let holds = archive.state().holds.values().filter(|hold| hold.is_active() == active);
            holds.map(|hold| hold.name.clone()).collect()
        };
        match step {
            Step::EditHold => {
                let active = of(&archive, true);
                !active.is_empty()
                    && archive.edit_hold(self.dice.one(&active).as_str(), &[], &[user], "more", false).is_ok()
            }
            Step::Release => {
                let active = of(&archive, true);
                !active.is_empty() && archive.release_hold(self.dice.one(&active).as_str(), "settled", false).is_ok()
            }
            Step::EndDelay => {
                let released = of(&archive, false);
                released.iter().any(|name| archive.end_delay(name, "settled", false).is_ok())
            }
            _ => {
                let kind = self.dice.roll(9);
                let request = self.request(kind);
                archive.place_hold(&request, false).is_ok()
            }
        }
    }

    /// Deletes what is free of some items, of a query's or of those that are due; for good, or to bring it back.
    fn delete(&mut self, back: bool) -> bool {
        let (word, due, purge) = (self.word(), self.dice.roll(2) == 0, !back && self.dice.roll(2) == 0);
        let mut writer = self.writer();
        let archive = writer.archive_mut();
        let plan = match due && !back {
            true => archive.retention_run("schedule", false).ok().map(|run| run.plan.plan),
            false => archive.plan_deletion(&Selection::Query(word), &[], "x", false).ok().map(|plan| plan.plan),
        };
        let options = ApplyOptions { deletable_only: true, purge, dry_run: false };
        let deleted = plan.filter(|plan| writer.apply_plan(&plan.0, options).is_ok());
        deleted.is_some_and(|plan| !back || writer.undo_plan(&plan.0, "back", false).is_ok())
    }

    /// What happens to the files.
    fn stores(&mut self, step: Step) {
        let path = self.test.path();
        let rebuild = |what: RebuildOptions| {
            self.open().rebuild(what, &Silent).unwrap();
        };
        match step {
            Step::Reimport => drop(self.test.import()),
            Step::ImportMore => {
                let seed = 100 + self.dice.roll(1_000);
                let feed = self.test.dir.path().join(format!("more-{seed}.zip"));
                Corpus { seed, messages: 8 }.write_feed(&mut fs::File::create(&feed).unwrap()).unwrap();
                self.test.import_path(&feed);
            }
            Step::RebuildAll => rebuild(RebuildOptions::all()),
            Step::RebuildIndex => rebuild(RebuildOptions { index: true, ..RebuildOptions::default() }),
            Step::RebuildCatalog => rebuild(RebuildOptions { catalog: true, ..RebuildOptions::default() }),
            Step::LoseState => fs::remove_file(path.join("state.bin")).unwrap(),
            Step::OtherAnalyser => {
                let file = path.join("index/meta.json");
                let mut meta: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
                let mut payload: serde_json::Value = serde_json::from_str(meta["payload"].as_str().unwrap()).unwrap();
                payload["analyser"] = 0.into();
                meta["payload"] = payload.to_string().into();
                fs::write(&file, meta.to_string()).unwrap();
            }
            _ => {
                let name = self.name('B');
                let (backup, restored) = (self.test.dir.path().join(name), self.test.dir.path().join("back"));
                self.open().backup(&backup, false, &Silent).unwrap();
                let request = RestoreRequest { to: restored.clone(), ..RestoreRequest::default() };
                let backup = Backup::open(&backup).unwrap();
                backup.restore(&request, actor(), Arc::new(self.clock()), &Silent).unwrap();
                fs::remove_dir_all(&path).unwrap();
                fs::rename(&restored, &path).unwrap();
            }
        }
    }

    /// What each hold keeps, by decision over every item there is.
    fn held(&self) -> Held {
        let mut archive = self.open();
        let plan = archive.plan_deletion(&Selection::Query(EVERYTHING.into()), &[], "look", false).unwrap();
        let is_hold = |kind| matches!(kind, BlockerKind::Hold | BlockerKind::LitigationHold | BlockerKind::DelayHold);
        let mut held = Held::new();
        for blocked in archive.plan_with_blocked(&plan.plan.0).unwrap().1 {
            for blocker in blocked.blockers.into_iter().filter(|blocker| is_hold(blocker.kind)) {
                held.insert((HoldId(blocker.id), blocked.item.id, blocked.item.mailbox.clone()));
            }
        }
        archive.cancel_plan(&plan.plan.0, "only a look", false).unwrap();
        held
    }

    /// Whether a hold was released, and the delay after it is over: by the journal and the clock.
    fn has_let_go(&self, hold: &HoldId) -> bool {
        let archive = self.open();
        let hold = &archive.state().holds[hold];
        hold.released_at.is_some()
            && (hold.delay_ended_at.is_some() || hold.delay_until.is_none_or(|until| until <= self.clock().now()))
    }
}

#[test]
fn every_item_that_a_hold_holds_stays_held_by_it_whatever_happens_but_its_release_and_the_end_of_the_delay() {
    let mut happened: BTreeMap<Step, usize> = BTreeMap::new();
    for seed in 1..=SEEDS {
        let mut world = World::new(seed);
        for kind in 0..9 {
            let request = world.request(kind);
            world.open().place_hold(&request, false).unwrap();
        }
        let mut before = world.held();
        let holds: BTreeSet<&HoldId> = before.iter().map(|(hold, ..)| hold).collect();
        assert!(holds.len() > 5, "holds of most kinds hold something: {holds:?}");
        for number in 0..STEPS_THERE_ARE.len() {
            let step = world.next();
            if world.step(step) {
                *happened.entry(step).or_default() += 1;
            }
            let now = world.held();
            let lost: Vec<_> = before.difference(&now).filter(|(hold, ..)| !world.has_let_go(hold)).collect();
            assert!(lost.is_empty(), "seed {seed}, step {number}, {step:?}: {lost:?}");
            before = now;
        }
    }
    let never: Vec<&Step> = STEPS_THERE_ARE.iter().filter(|step| !happened.contains_key(step)).collect();
    assert!(never.is_empty(), "never done, always refused: {never:?}");
}

#[test]
fn after_its_release_a_hold_keeps_what_it_held_until_the_delay_is_over_and_then_nothing() {
    let mut world = World::new(7);
    for kind in 0..9 {
        let request = world.request(kind);
        world.open().place_hold(&request, false).unwrap();
    }
    let before = world.held();
    let names: Vec<String> = world.open().state().holds.values().map(|hold| hold.name.clone()).collect();
    for name in names {
        world.open().release_hold(&name, "settled", false).unwrap();
    }
    assert_eq!(world.held(), before);
    world.hours = 29 * 24;
    assert_eq!(world.held(), before);
    world.hours = 31 * 24;
    assert_eq!(world.held(), Held::new());
}
