//! The list: every table of institutions stands here once, in [`HELD`] or in [`NOTHING_HELD`]. A structural test refuses
//! one that does not, and a column that names a person and is not told of.
//!
//! A new table of people is one line. What belongs to a learner alone is deleted; what others counted by stays under the
//! random id, as long as nothing in it tells who that was.

use super::{
    Erasure::{Blank, Delete, Keep, Step},
    FORMER, Held,
    Known::{EmailHash, EmailKey, ExternalId},
    Shown::{But, Not},
    Step as S,
};

const ALL: super::Shown = But(&[]);
const NO_SECRETS: super::Shown = Not("it proves who somebody is, and is shown to nobody");
const COUNTED: &str = "what the institution counted stays true; it tells what was done and when, and not by whom";

/// Begins a line: rows of a person that are shown and deleted, found by `user_id`.
const fn held(table: &'static str, holds: &'static str) -> Held {
    Held { table, holds, of: &["user_id"], known: &[], by: &[], shown: ALL, erasure: Delete, mentions: &[] }
}

/// Begins a line of a table whose rows are nobody's own, and in which people had a hand.
const fn thing(table: &'static str, holds: &'static str) -> Held {
    Held {
        table,
        holds,
        of: &[],
        known: &[],
        by: &[],
        shown: Not("it is the institution's, and holds an id of who made it"),
        erasure: Keep("it is the institution's; the id leads nowhere any more"),
        mentions: &[],
    }
}

/// Every table that holds something of people, in the order in which it is erased.
pub const HELD: &[Held] = &[
    // What lets somebody in.
    Held { shown: NO_SECRETS, ..held("credentials", "the password, hashed") },
    Held { shown: NO_SECRETS, ..held("recovery_codes", "codes for a lost authenticator, hashed") },
    Held { shown: NO_SECRETS, ..held("second_factors", "what the authenticator knows, sealed") },
    Held { shown: NO_SECRETS, ..held("password_resets", "ways back for a lost password, hashed") },
    Held { by: &["invited_by"], ..held("invitations", "when he was asked to join, and what became of it") },
    Held {
        by: &["created_by"],
        mentions: &["name"],
        ..held("tokens", "his sessions: when, from which network address; and who made tokens of integrations")
    },
    // What he is among others.
    held("group_members", "the groups that he is in"),
    held("group_managers", "the groups that he leads"),
    held("data_set_members", "which data sets named him"),
    Held { by: &["enrolled_by"], ..held("path_enrolments", "the learning paths that he was put on") },
    // What he was told.
    Held { known: &[("address_hash", EmailHash)], ..held("letters", "which letters went to him, his address masked") },
    Held {
        of: &[],
        shown: Not("it holds a hash of an address"),
        known: &[("address_hash", EmailHash)],
        ..held("suspended_addresses", "addresses that nothing is sent to, hashed")
    },
    Held {
        shown: But(&["secret", "leave_hash", "confirm_hash"]),
        known: &[("email_key", EmailKey)],
        ..held("report_recipients", "the reports that he is sent")
    },
    // What he learned.
    Held {
        by: &["recorded_by"],
        mentions: &["note", "withdrawn_why"],
        ..held("cefr_evidence", "evidence of his levels")
    },
    held("cefr_levels", "his levels"),
    held("cefr_targets", "the levels that he wants to reach"),
    held("cefr_profiles", "his levels as they were last told"),
    Held {
        by: &["issued_by"],
        ..held("cefr_documents", "reports of his levels that were given to him; they are verified no more")
    },
    Held { by: &["granted_by"], ..held("lesson_waivers", "lessons that he need not do, and why") },
    Held {
        by: &["enrolled_by"],
        erasure: Blank(&[("external_id", None)], COUNTED),
        ..held("enrolments", "the courses that he is on")
    },
    Held { erasure: Keep(COUNTED), ..held("standings", "where he stands on courses, lessons, trainings and items") },
    Held {
        shown: But(&["event_ids", "position"]),
        erasure: Step(S::Activity, "kept under the random id, without the sender's id of it and all that is no figure"),
        ..held("progress_events", "what he did")
    },
    Held { by: &["entered_by"], mentions: &["note"], ..held("xp_entries", "his points, one entry for each reason") },
    held("achievements", "what he achieved"),
    held("freeze_entries", "days that his streak was forgiven"),
    held("learning_days", "the dates on which he learned"),
    held("learner_zones", "the time zones that he learned in"),
    held("games", "his points and his streak, summed up"),
    held("board_opt_outs", "that he does not want to be listed"),
    Held {
        erasure: Keep("a leaderboard stays as it was, and shows a former learner"),
        ..held("board_scores", "what he reached on leaderboards")
    },
    Held { erasure: Keep(COUNTED), ..held("cefr_rises", "the dates on which his level rose") },
    held("xapi_statements", "what he did, in the words of whoever sent it"),
    Held {
        shown: Not("it is added up from what he did, which is shown"),
        erasure: Keep(COUNTED),
        ..held("activity_days", "on which days he did how much in which course")
    },
    Held {
        shown: Not("it is added up from his enrolments, which are shown"),
        erasure: Keep(COUNTED),
        ..held("enrolments_counted", "how his enrolments were counted")
    },
    Held {
        shown: Not("it says which enrolments are to be counted anew"),
        erasure: Keep("it holds ids alone, and is gone with the next count"),
        ..held("enrolment_changes", "which of his enrolments changed a moment ago")
    },
    // What was told of him.
    Held {
        of: &[],
        shown: Not("it tells to receivers what the other parts show"),
        erasure: Step(S::Events, "kept, telling of a former learner"),
        ..held("events", "what happened, with his name, address and key as they were then")
    },
    Held {
        of: &[],
        shown: Not("it tells to receivers what the other parts show"),
        erasure: Step(S::Bodies, "deleted; what is still owed is made anew and tells of a former learner"),
        ..held("payloads", "the bodies that receivers were sent")
    },
    Held {
        of: &[],
        shown: Not("it is what a receiver answered"),
        erasure: Step(S::Answers, "emptied of what receivers answered"),
        ..held("attempts", "the first kilobyte of what a receiver answered, which may repeat what it was told")
    },
    // Files that he stands in.
    Held {
        of: &[],
        shown: Not("it is a file of many people; his rows are shown"),
        erasure: Step(S::Files, "forgotten where a row of it names him: a file is kept whole or not at all"),
        ..held("import_file_parts", "files of people, as they were sent")
    },
    Held {
        shown: But(&["user_seen"]),
        known: &[("email_key", EmailKey), ("external_id", ExternalId)],
        ..held("import_rows", "rows of files of people, as they were read")
    },
    Held {
        of: &[],
        by: &["made_by", "led_by"],
        shown: Not("it is a file of many people"),
        erasure: Step(S::Exports, "files made before are expired and deleted; they can be made again"),
        mentions: &["wanted"],
        ..held("exports", "files of learners' records, as they were asked for")
    },
    Held {
        of: &[],
        shown: Not("it is a file of the whole institution"),
        erasure: Step(S::Exports, "deleted if made before; it can be made again"),
        ..held("institution_exports", "everything of the institution in a file")
    },
    Held {
        of: &[],
        shown: Not("it is a file of the whole institution"),
        erasure: Step(S::Exports, "deleted with its export"),
        ..held("institution_export_parts", "the bytes of such a file")
    },
    // What the server was asked.
    Held {
        of: &["holder_id"],
        shown: Not("it is an answer that he was given, kept for a day"),
        ..held(
            "idempotency_keys",
            "answers that he was given, sealed; those that others were given of him go within a day",
        )
    },
    Held {
        of: &[],
        shown: Not("it is work under way"),
        erasure: Step(S::Jobs, "deleted where it speaks of him"),
        ..held("queue_jobs", "work under way, which may name him")
    },
    Held {
        of: &[],
        shown: Not("his own entries, and those about him, stand under `log`"),
        erasure: Step(
            S::Log,
            "kept: who answers for an institution has to show what was done; the name becomes a former learner, network \
             addresses go, and of what changed about him only role and status stay",
        ),
        ..held("audit_log", "what was done, by whom, from which network address")
    },
    // What others keep, and he had a hand in.
    Held { mentions: &["name"], ..thing("groups", "names of groups") },
    Held { mentions: &["name"], ..thing("board_teams", "names of groups on leaderboards") },
    Held { mentions: &["name"], by: &["created_by"], ..thing("applications", "who made it") },
    Held {
        by: &["created_by"],
        mentions: &["description", "last_error", "status_reason"],
        ..thing("webhooks", "who made it")
    },
    Held { by: &["created_by"], mentions: &["reason"], ..thing("subscriptions", "who made it") },
    Held { by: &["created_by"], ..thing("replays", "who asked for it") },
    Held { by: &["enrolled_by"], ..thing("group_enrolments", "who put a group on a course") },
    Held {
        by: &["started_by"],
        mentions: &["file_name", "options", "obstacle", "sheet"],
        ..thing("imports", "who sent a file")
    },
    Held {
        by: &["sent_by"],
        mentions: &["file_name", "faults", "reason"],
        ..thing("history_imports", "who sent a file of what learners did")
    },
    Held { by: &["created_by"], mentions: &["name"], ..thing("reports", "who made a report") },
    Held { by: &["author_id", "reviewer_id"], ..thing("courses", "who wrote a course") },
    Held { by: &["published_by"], mentions: &["note"], ..thing("course_versions", "who published a version") },
    Held {
        of: &["filed_by"],
        shown: But(&["decided_by", "decided_name"]),
        erasure: Blank(&[("filed_name", Some(FORMER))], "the institution has to show what it asked for"),
        mentions: &["reason", "decision"],
        ..thing("subscription_requests", "the name of who asked for subscriptions")
    },
    Held {
        mentions: &["past_client_id"],
        ..thing("followers", "how far activity was counted, by the sender's id of one")
    },
    // What is kept of the asking itself.
    Held { by: &["placed_by"], ..held("legal_holds", "that he may not be erased, and why") },
    Held {
        by: &["requested_by", "confirmed_by", "cancelled_by"],
        shown: But(&["known_as", "cursors", "counts"]),
        erasure: Keep("it shows that and how he was erased, and holds nothing that tells who he was"),
        mentions: &["reason"],
        ..held("erasures", "that he is to be erased, or was")
    },
    // The person.
    Held {
        shown: Not("it is made of the profile, which is shown"),
        erasure: Keep("it follows the profile"),
        ..held("user_words", "words by which he is found: parts of the name, the address, the key")
    },
    Held { erasure: Keep(COUNTED), ..held("memberships", "his role, and when he came and left") },
    Held {
        of: &["id"],
        erasure: Step(
            S::Profile,
            "emptied, last of all: he is a former learner, and the address and the key are free again",
        ),
        ..held("users", "name, address, the institution's own key, language, time zone")
    },
];

/// Every other table of institutions, and why it tells of nobody.
pub const NOTHING_HELD: &[(&str, &str)] = &[
    ("activity_gaps", "numbers"),
    ("activity_levels", "numbers"),
    ("activity_retention", "numbers"),
    ("activity_totals", "numbers"),
    ("board_periods", "when leaderboards begin and end"),
    ("cefr_rise_tallies", "numbers"),
    ("cefr_tallies", "numbers"),
    ("course_shares", "which courses the institution was given"),
    ("course_slugs", "addresses of courses"),
    ("course_starts", "numbers"),
    ("deliveries", "which event is owed to which receiver; the event tells of whom"),
    ("enrolments_due", "numbers"),
    ("game_settings", "settings"),
    ("import_files", "size and hash of a file"),
    ("institutions", "the customer"),
    ("learning_path_courses", "content"),
    ("learning_paths", "content"),
    ("lessons", "content"),
    ("member_tallies", "numbers"),
    ("outbox", "ids of events"),
    ("report_runs", "periods of reports, and files that show a group and not a person"),
    ("rollups", "which edition of sums is read"),
    ("skips", "ids of events that were not sent"),
    ("subscription_request_items", "addresses of receivers"),
    ("training_items", "content"),
    ("trainings", "content"),
];
