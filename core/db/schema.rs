// @generated automatically by Diesel CLI.

diesel::table! {
    /// Programs that take tokens with an id and a secret of their own, as OAuth has it
    applications (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as app_…; the client id is made of it and of the institution's
        id -> Uuid,
        /// Given by its maker
        name -> Text,
        /// Abilities of its tokens, never more than the maker's
        scopes -> Array<Nullable<Text>>,
        /// SHA-256 of the client secret; the secret itself is kept nowhere
        secret_hash -> Bytea,
        /// Last four characters of the secret, to tell secrets apart
        secret_last4 -> Text,
        /// When the secret was made
        secret_made_at -> Timestamptz,
        /// SHA-256 of the secret before, while it still works
        previous_hash -> Nullable<Bytea>,
        /// When the secret before stops working
        previous_until -> Nullable<Timestamptz>,
        /// Who made it; none when a token or the server did
        created_by -> Nullable<Uuid>,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed, but for its use
        updated_at -> Timestamptz,
        /// When it last took a token
        last_used_at -> Nullable<Timestamptz>,
        /// Address from which it did
        last_used_ip -> Nullable<Text>,
        /// Tombstone: takes no tokens, and those that it had are revoked
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// One try of a delivery
    attempts (tenant_id, delivery_id, attempt) {
        /// The institution
        tenant_id -> Uuid,
        /// The delivery
        delivery_id -> Uuid,
        /// From 1; a redelivery counts on
        attempt -> Int4,
        /// When the request began
        started_at -> Timestamptz,
        /// Until the verdict
        duration_ms -> Int4,
        /// Of the answer; none if there was none
        http_status -> Nullable<Int4>,
        /// Class of the failure in a word; none when received
        error -> Nullable<Text>,
        /// First KiB of the answer
        response -> Nullable<Text>,
        /// Address that was connected to
        address -> Nullable<Text>,
        /// Looking the name up; none if that did not happen
        dns_ms -> Nullable<Int4>,
        /// Connecting; none on a connection that was open
        connect_ms -> Nullable<Int4>,
        /// The TLS handshake; none on a connection that was open, or without TLS
        tls_ms -> Nullable<Int4>,
        /// From the request sent to the first byte of the answer
        first_byte_ms -> Nullable<Int4>,
        /// The failure in words
        error_detail -> Nullable<Text>,
        /// Header block as sent, secrets masked; only where the delivery's own row does not tell it
        request_headers -> Nullable<Text>,
    }
}

diesel::table! {
    /// What was done in an institution, by whom; rows are added and never changed
    audit_log (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as aud_…
        id -> Uuid,
        /// When it was done
        at -> Timestamptz,
        /// A person, an integration, somebody of the platform's staff, or the server itself
        actor_kind -> Text,
        /// Which one: a user, a token or a member of the staff; none for the server
        actor_id -> Nullable<Uuid>,
        /// What the actor was called then
        actor_name -> Text,
        /// What was done, object.verb in the past tense
        action -> Text,
        /// To what kind of thing
        object_kind -> Text,
        /// To which one, its id as it is shown
        object_id -> Text,
        /// What mattered of it before, secrets and personal data masked; none where it was made
        before -> Nullable<Jsonb>,
        /// What matters of it since, masked likewise; none where it was removed
        after -> Nullable<Jsonb>,
        /// Request that did it
        request_id -> Nullable<Text>,
        /// Address that the request came from
        address -> Nullable<Text>,
    }
}

diesel::table! {
    /// What shows at which level of the CEFR a learner is in a skill; graded items are not copied here
    cefr_evidence (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as evd_…
        id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// Language that is learned, the first part of its tag
        language -> Text,
        /// What was shown
        skill -> Text,
        /// What kind of evidence it is
        source -> Text,
        /// Level that it shows, as it was given or as the mapping of that time says
        level -> Text,
        /// Scale of the value; none where the level was given
        scale -> Nullable<Text>,
        /// Score on the scale
        value -> Nullable<Float8>,
        /// Version of the table by which the value became a level
        mapping_version -> Nullable<Int4>,
        /// Keys of can-do descriptors, each shown or not: {key: true}
        descriptors -> Nullable<Jsonb>,
        /// The sender's own key: evidence counts once
        external_id -> Nullable<Text>,
        /// Words of whoever recorded it
        note -> Nullable<Text>,
        /// When it was shown
        occurred_at -> Timestamptz,
        /// Until when it counts, as a certificate says
        expires_at -> Nullable<Timestamptz>,
        /// Who recorded it; none for an integration
        recorded_by -> Nullable<Uuid>,
        /// When it was recorded
        created_at -> Timestamptz,
        /// When it was taken back; it counts no more
        withdrawn_at -> Nullable<Timestamptz>,
        /// Why it was taken back
        withdrawn_why -> Nullable<Text>,
    }
}

diesel::table! {
    /// The level of each learner in each skill when evidence last changed, to compare learners by
    cefr_levels (tenant_id, user_id, language, skill) {
        /// The institution
        tenant_id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// Language that is learned
        language -> Text,
        /// The skill
        skill -> Text,
        /// Place on the scale, 0 for Pre-A1 to 9 for C2
        level -> Int2,
        /// When it was last worked out
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// The level that a learner wants to reach in a language
    cefr_targets (tenant_id, user_id, language) {
        /// The institution
        tenant_id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// Language that is learned
        language -> Text,
        /// The level
        level -> Text,
        /// By when
        due_on -> Nullable<Date>,
        /// When it was last set
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// What is learned
    courses (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as crs_…
        id -> Uuid,
        /// The integer that Teachbase-style receivers read
        number -> Int8,
        /// The institution's own key
        external_id -> Nullable<Text>,
        /// Readable part of public addresses
        slug -> Text,
        /// Shown to people
        title -> Text,
        /// One paragraph, plain text
        summary -> Text,
        /// BCP 47 tag of what is taught
        language -> Text,
        /// Level at the start, Pre-A1 to C2
        cefr_from -> Nullable<Text>,
        /// Level at the end, Pre-A1 to C2
        cefr_to -> Nullable<Text>,
        /// Free word of the institution
        category -> Nullable<Text>,
        /// Picture; none if there is none
        cover_url -> Nullable<Text>,
        /// Only published courses are in the public catalogue
        status -> Text,
        /// Who wrote it
        author_id -> Nullable<Uuid>,
        /// Who was asked to review it
        reviewer_id -> Nullable<Uuid>,
        /// First time it was submitted for review
        submitted_at -> Nullable<Timestamptz>,
        /// Courses to be completed before
        prerequisite_ids -> Array<Nullable<Uuid>>,
        /// Who teaches it
        instructor_ids -> Array<Nullable<Uuid>>,
        /// Counts changes
        version -> Int4,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
        /// Tombstone: gone for everybody, kept for the record
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Passwords of those who sign in with one
    credentials (tenant_id, user_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The person
        user_id -> Uuid,
        /// Argon2id in PHC string form
        password_hash -> Text,
        /// When the password was last set
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// People whom the editions of a data set have named
    data_set_members (tenant_id, data_set, user_id) {
        /// The institution
        tenant_id -> Uuid,
        /// What the institution calls the set
        data_set -> Text,
        /// The person
        user_id -> Uuid,
        /// Deactivated because the last edition did not name him; the next one that does brings him back
        gone -> Bool,
    }
}

diesel::table! {
    /// One event owed to one receiver
    deliveries (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as dlv_…
        id -> Uuid,
        /// The receiver
        webhook_id -> Uuid,
        /// The event
        event_id -> Uuid,
        /// Its type
        event_type -> Text,
        /// Its object
        object_id -> Uuid,
        /// Which payload is sent
        rendering -> Text,
        /// Address at the time of the event
        url -> Text,
        /// First announcement of its object: attempted before any other of it
        opens -> Bool,
        /// Asked for by a person, not caused by an event
        test -> Bool,
        /// No index mentions it, so that the usual change to succeeded stays on its page
        status -> Text,
        /// Attempts so far
        attempts -> Int4,
        /// Attempts before the present retry window: a redelivery begins a new one
        attempts_before -> Int4,
        /// Request that caused the event
        request_id -> Nullable<Text>,
        /// When it was owed
        created_at -> Timestamptz,
        /// Start of the first attempt: the retry window counts from here
        first_attempt_at -> Nullable<Timestamptz>,
        /// When the next attempt is due; none if none is
        next_attempt_at -> Nullable<Timestamptz>,
        /// When it succeeded, was exhausted, cancelled or skipped
        finished_at -> Nullable<Timestamptz>,
        /// Of the event's object
        revision -> Int4,
        /// End of the window in which later states of the object replace this one; none if it goes at once
        wait_until -> Nullable<Timestamptz>,
        /// Found by its object: it opens one, waits for a window, or its receiver is ordered. Never changes
        keyed -> Bool,
        /// Waits for an earlier delivery of its object, as an ordered receiver wants it
        behind -> Bool,
        /// Why it was skipped or cancelled, in a word
        reason -> Nullable<Text>,
        /// The replay that owed it again, if one did
        replay_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    /// Who is on which course
    enrolments (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as enr_…
        id -> Uuid,
        /// The course
        course_id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// The institution's own key
        external_id -> Nullable<Text>,
        /// A removed enrolment refuses activity and keeps its record
        status -> Text,
        /// Who enrolled the learner; none when an event did
        enrolled_by -> Nullable<Uuid>,
        /// When it happened
        enrolled_at -> Timestamptz,
        /// When the course should be done
        due_at -> Nullable<Timestamptz>,
        /// First completion; never moves
        completed_at -> Nullable<Timestamptz>,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
        /// Came by a group or a learning path, and goes with the last of them; false for a learner named by himself
        derived -> Bool,
    }
}

diesel::table! {
    /// What happened, past tense; written with the change that it tells of
    events (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as evt_…; the same over every retry and dialect
        id -> Uuid,
        /// Name in the catalogue
        #[sql_name = "type"]
        type_ -> Text,
        /// What it is about; order is kept for one object
        object_kind -> Text,
        /// Which one
        object_id -> Uuid,
        /// Of the object, as it was after the change
        revision -> Int4,
        /// Course, lesson and item that a subscription may be limited to
        scope_ids -> Array<Nullable<Uuid>>,
        /// Neutral payload, frozen; every dialect is rendered from it
        data -> Jsonb,
        /// Request that caused it
        request_id -> Nullable<Text>,
        /// When it happened
        occurred_at -> Timestamptz,
        /// When it was recorded
        created_at -> Timestamptz,
        /// Place in the feed, shared by the events of one transaction; within it by revision and id
        position -> Int8,
    }
}

diesel::table! {
    /// Groups put on a course or a learning path: whoever joins later is put on it too
    group_enrolments (tenant_id, group_id, target_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The group
        group_id -> Uuid,
        /// The course or the learning path
        target_id -> Uuid,
        /// The course, if it is one
        course_id -> Nullable<Uuid>,
        /// The learning path, if it is one
        path_id -> Nullable<Uuid>,
        /// Who did it; none for an integration
        enrolled_by -> Nullable<Uuid>,
        /// When it happened
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Who leads which group: somebody with the role of a manager sees the people of his groups alone
    group_managers (tenant_id, user_id, group_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The group
        group_id -> Uuid,
        /// The person
        user_id -> Uuid,
        /// Since when
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Who is in which group
    group_members (tenant_id, group_id, user_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The group
        group_id -> Uuid,
        /// The person
        user_id -> Uuid,
        /// When the person joined
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Learners who are put on courses together
    groups (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as grp_…
        id -> Uuid,
        /// The institution's own key
        external_id -> Nullable<Text>,
        /// Shown to people
        name -> Text,
        /// Stands for the whole institution: has no rows of members, is not listed and is shown as everyone
        everyone -> Bool,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
        /// A cohort is a group that learns for a time
        kind -> Text,
        /// First day of a cohort, in the institution's time zone
        starts_on -> Nullable<Date>,
        /// Last day of a cohort, in the institution's time zone
        ends_on -> Nullable<Date>,
        /// By which way the group came
        provisioned_by -> Text,
    }
}

diesel::table! {
    /// Requests that were sent with an Idempotency-Key, and what was answered, for a day
    idempotency_keys (tenant_id, holder_id, operation, key) {
        /// The institution
        tenant_id -> Uuid,
        /// The person or the token that sent it: nobody is shown what another was answered
        holder_id -> Uuid,
        /// Method and template of the path that it was sent to
        operation -> Text,
        /// The key, without quotes
        key -> Text,
        /// SHA-256 of path, query and body: another request under the same key is refused
        fingerprint -> Bytea,
        /// When it was taken on; the key is remembered for a day from here
        started_at -> Timestamptz,
        /// HTTP status of the answer; none while the request runs
        status -> Nullable<Int4>,
        /// Headers of the answer that belong to its content
        headers -> Nullable<Jsonb>,
        /// Body of the answer, sealed: an answer may show a secret this once
        body -> Nullable<Bytea>,
    }
}

diesel::table! {
    /// The bytes of files of people
    import_file_parts (tenant_id, file_id, part) {
        /// The institution
        tenant_id -> Uuid,
        /// The file
        file_id -> Uuid,
        /// Which part, from 0
        part -> Int4,
        /// The bytes, unpacked, in the encoding that they came in
        bytes -> Bytea,
    }
}

diesel::table! {
    /// Files of people, as they were sent
    import_files (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// The import that the file is for
        id -> Uuid,
        /// Encoding, as found out; none while the file arrives
        charset -> Nullable<Text>,
        /// Size so far, unpacked
        size_bytes -> Int8,
        /// Hash of the unpacked bytes; none while the file arrives
        sha256 -> Nullable<Bytea>,
        /// When the last part arrived: an upload that has stopped makes room for the next
        touched_at -> Timestamptz,
        /// When all of it was there; none while it arrives
        stored_at -> Nullable<Timestamptz>,
        /// When its parts were deleted, after the retention
        forgotten_at -> Nullable<Timestamptz>,
        /// When the upload began
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Rows of imports and what the plan does with each; values are those that applying writes, so what stays as it is has none
    import_rows (tenant_id, import_id, line) {
        /// The institution
        tenant_id -> Uuid,
        /// The import
        import_id -> Uuid,
        /// Line of the file where the row begins, from 1; missing people have lines after its last
        line -> Int4,
        /// What the plan does with it
        action -> Text,
        /// The person, also one to come; none where the row names nobody
        user_id -> Nullable<Uuid>,
        /// When the person had last changed as the plan was made: changed since, the row is stale
        user_seen -> Nullable<Timestamptz>,
        /// The institution's own key, as it will be
        external_id -> Nullable<Text>,
        /// Address, as it will be
        email -> Nullable<Text>,
        /// Case-folded address of the file, by which twins are found
        email_key -> Nullable<Text>,
        /// Whole name, as it will be
        name -> Nullable<Text>,
        /// Given name, as it will be
        first_name -> Nullable<Text>,
        /// Family name, as it will be
        last_name -> Nullable<Text>,
        /// Language tag, as it will be
        locale -> Nullable<Text>,
        /// IANA zone, as it will be
        time_zone -> Nullable<Text>,
        /// Role, as it will be
        role -> Nullable<Text>,
        /// Membership, as it will be
        status -> Nullable<Text>,
        /// Groups that the person joins
        group_ids -> Nullable<Array<Nullable<Uuid>>>,
        /// Groups that are made first
        group_names -> Nullable<Jsonb>,
        /// Courses that the person is put on
        course_ids -> Nullable<Array<Nullable<Uuid>>>,
        /// Membership of somebody who was known, before
        was -> Nullable<Text>,
        /// Fields that are not as they were, of somebody who was known
        changed -> Nullable<Array<Nullable<Text>>>,
        /// What is wrong with it, or worth saying: column, code, message, masked value
        faults -> Nullable<Jsonb>,
        /// Why it was not applied after all: a code
        failed -> Nullable<Text>,
    }
}

diesel::table! {
    /// Files of people, planned and applied
    imports (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as imp_…
        id -> Uuid,
        /// Whether the plan is applied at once, or when somebody says so
        mode -> Text,
        /// Where it is in its life
        status -> Text,
        /// What was asked for
        options -> Jsonb,
        /// The file is the next edition of this set of people; none for a file of its own
        data_set -> Nullable<Text>,
        /// Hash of file and options: the same again, while this one is open, is this one
        fingerprint -> Text,
        /// As the sender calls it
        file_name -> Nullable<Text>,
        /// Size as it was stored
        file_bytes -> Int8,
        /// What was found out about the file: encoding, separator, columns known and unknown
        sheet -> Nullable<Jsonb>,
        /// The person or token that sent it
        started_by -> Nullable<Uuid>,
        /// Kind of who sent it, in the words of the audit log
        started_by_kind -> Text,
        /// Roles that the sender could give and take when he sent it
        grants -> Array<Nullable<Text>>,
        /// Rows of the plan, those of missing people included; null while the file is read
        rows_total -> Nullable<Int4>,
        /// Rows read so far
        rows_read -> Int4,
        /// Last line read: reading goes on after it
        read_through -> Int4,
        /// Rows of the plan done so far
        rows_done -> Int4,
        /// Last line applied: applying goes on after it, and what the plan says of the lines up to it is done
        applied_through -> Int4,
        /// Rows by what the plan does with them
        planned -> Jsonb,
        /// Rows by what was done with them
        applied -> Jsonb,
        /// What stands against applying the plan, or why the import failed: code and message
        obstacle -> Nullable<Jsonb>,
        /// Seats still held for people to come
        seats_reserved -> Int4,
        /// It has its institution's turn until then, prolonged with every chunk; null when it has not
        lease_until -> Nullable<Timestamptz>,
        /// When reading began
        reading_at -> Nullable<Timestamptz>,
        /// When the plan was ready
        planned_at -> Nullable<Timestamptz>,
        /// When applying began
        applying_at -> Nullable<Timestamptz>,
        /// When it ended, in whatever way
        finished_at -> Nullable<Timestamptz>,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// The files of exports in parts, each a gzip member: one after the other they are the file
    institution_export_parts (tenant_id, export_id, table_name, part) {
        /// The institution
        tenant_id -> Uuid,
        /// The export
        export_id -> Uuid,
        /// The table whose rows the file holds
        table_name -> Text,
        /// Place of the part, from 0
        part -> Int4,
        /// Rows as lines of JSON, compressed
        bytes -> Bytea,
    }
}

diesel::table! {
    /// Everything of an institution as it was at one moment, for whoever takes it elsewhere
    institution_exports (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as exp_…
        id -> Uuid,
        /// Running, completed, or failed for good
        status -> Text,
        /// For each table: its name, rows, bytes and the SHA-256 of its file
        contents -> Jsonb,
        /// Why it failed
        error -> Nullable<Text>,
        /// The moment that it shows
        created_at -> Timestamptz,
        /// When it was whole
        completed_at -> Nullable<Timestamptz>,
        /// When it is deleted; none while the institution is there
        expires_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// The customers. The id of an institution is the tenant id of everything that it owns
    institutions (tenant_id) {
        /// The institution itself, shown as inst_…
        tenant_id -> Uuid,
        /// The integer that Teachbase-style receivers read
        number -> Int8,
        /// Shown to people
        name -> Text,
        /// The operator's own key for the customer
        external_id -> Nullable<Text>,
        /// BCP 47 tag, default of the institution's letters
        locale -> Text,
        /// IANA zone, default of civil dates
        time_zone -> Text,
        /// Life of the contract
        status -> Text,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
        /// Readable name in addresses, unique on the platform
        slug -> Text,
        /// Where its data should lie, a word of the operator's
        region -> Nullable<Text>,
        /// What it has bought, a word of the operator's
        plan -> Nullable<Text>,
        /// The reseller who brought it and looks after it
        reseller_id -> Nullable<Uuid>,
        /// SHA-256 of the request that made it, so that the same request again is known
        made_of -> Nullable<Bytea>,
        /// Seats that it may fill; none means no limit
        seats_total -> Nullable<Int4>,
        /// How it wants to look: logo_url, primary_color, support_email
        branding -> Jsonb,
        /// Days that classes of rows are kept, where it wants fewer than the platform keeps
        retention -> Jsonb,
        /// Requests per second by class, where they differ from the platform's
        request_limits -> Nullable<Jsonb>,
        /// Longest life of its tokens; none means no limit
        token_max_days -> Nullable<Int4>,
        /// When the one trial began
        trial_started_at -> Nullable<Timestamptz>,
        /// When it ends, or ended
        trial_ends_at -> Nullable<Timestamptz>,
        /// Since when it is suspended; none while it is not
        suspended_at -> Nullable<Timestamptz>,
        /// Why, by whoever suspended it
        suspended_reason -> Nullable<Text>,
        /// Status to go back to at the resumption
        suspended_from -> Nullable<Text>,
        /// Since when it is being closed; none while it is not
        closing_at -> Nullable<Timestamptz>,
        /// Status to go back to when closing is called off
        closing_from -> Nullable<Text>,
        /// Why, by whoever closed it
        closing_reason -> Nullable<Text>,
        /// Not before this time everything that it owns is erased
        erase_after -> Nullable<Timestamptz>,
        /// When it was erased; the row remains
        closed_at -> Nullable<Timestamptz>,
        /// Counts the changes of its life that events told
        revision -> Int4,
        /// Seats that running imports keep for the people whom they are about to add
        seats_reserved -> Int4,
        /// People whose role keeps the institution do nothing before they have a second factor
        require_second_factor -> Bool,
        /// What was erased: rows of each table; none before the erasing began
        receipt -> Nullable<Jsonb>,
        /// Days that its export is kept after the erasing
        export_days -> Int4,
    }
}

diesel::table! {
    /// People who were asked to join, and what became of it
    invitations (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as inv_…
        id -> Uuid,
        /// Who was asked
        user_id -> Uuid,
        /// SHA-256 of the newest token; older ones are dead
        hash -> Bytea,
        /// The token, sealed, until its letter has left
        secret -> Nullable<Bytea>,
        /// Who asked last: a person; none where an integration, the staff or the server did
        invited_by -> Nullable<Uuid>,
        /// When the person was first asked by it
        created_at -> Timestamptz,
        /// Letters that were promised, the first one included
        sends -> Int4,
        /// Begin of the day in which letters are counted
        day_began_at -> Timestamptz,
        /// Letters promised in that day
        sends_of_day -> Int4,
        /// When the newest letter left; none while it has not
        sent_at -> Nullable<Timestamptz>,
        /// When the newest token stops working
        expires_at -> Timestamptz,
        /// When the person joined by it
        accepted_at -> Nullable<Timestamptz>,
        /// How the person proved who it is: with a password of its own, or by single sign-on
        accepted_by -> Nullable<Text>,
        /// When it was taken back
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Which courses a learning path has
    learning_path_courses (tenant_id, path_id, course_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The learning path
        path_id -> Uuid,
        /// The course
        course_id -> Uuid,
        /// Order within the path, from 1
        position -> Int4,
    }
}

diesel::table! {
    /// Several courses, one after the other
    learning_paths (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as lpt_…
        id -> Uuid,
        /// The institution's own key
        external_id -> Nullable<Text>,
        /// Shown to people
        title -> Text,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// Parts of a course; Teachbase calls them sections
    lessons (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as lsn_…
        id -> Uuid,
        /// The integer that Teachbase-style receivers read
        number -> Int8,
        /// The course
        course_id -> Uuid,
        /// The institution's own key
        external_id -> Nullable<Text>,
        /// Shown to people
        title -> Text,
        /// Free word: lesson, webinar, exam
        kind -> Text,
        /// Order within the course, from 1
        position -> Int4,
        /// Counts towards the course's progress
        required -> Bool,
        /// Share in the course's progress
        weight -> Int4,
        /// Estimated
        duration_minutes -> Nullable<Int4>,
        /// Skills that it trains
        skills -> Array<Nullable<Text>>,
        /// Level, Pre-A1 to C2
        cefr -> Nullable<Text>,
        /// Counts changes
        version -> Int4,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
        /// Tombstone
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Letters that were promised, one for each recipient, and what became of them
    letters (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as ltr_…; the Message-ID of the letter is made of it
        id -> Uuid,
        /// What it is about and for whom: the same letter promised twice is one
        occasion -> Text,
        /// Which letter
        kind -> Text,
        /// The member that it goes to; none for somebody who is none
        user_id -> Nullable<Uuid>,
        /// The address as it may be shown: a***@example.com
        recipient -> Text,
        /// SHA-256 of the address in lower case: the address itself is not kept here
        address_hash -> Bytea,
        /// Language of the whole letter
        language -> Text,
        /// Queued while it may still be sent; sent; refused for good by the mail server; bounced after it was sent; suspended where the address is; failed when it was given up
        status -> Text,
        /// How often it was tried
        attempts -> Int4,
        /// What a mail server said last against it, addresses masked
        last_error -> Nullable<Text>,
        /// When it was promised
        created_at -> Timestamptz,
        /// When anything last happened to it
        updated_at -> Timestamptz,
        /// When the mail server took it
        sent_at -> Nullable<Timestamptz>,
        /// When it came back
        bounced_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// What a person is in an institution
    memberships (tenant_id, user_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The person
        user_id -> Uuid,
        /// Decides the abilities of the person's sessions
        role -> Text,
        /// Only active members sign in
        status -> Text,
        /// When the person joined
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
        /// By which way the person came; whoever comes back another way takes that one
        provisioned_by -> Text,
        /// When the person was first asked to join; none for those who were never asked
        invited_at -> Nullable<Timestamptz>,
        /// When the person first became active; none for one made before this was kept, who joined when the row was made
        joined_at -> Nullable<Timestamptz>,
        /// When the person left; none for one who is there
        removed_at -> Nullable<Timestamptz>,
        /// Fields that were edited by hand, which an import leaves as they are
        sticky -> Array<Nullable<Text>>,
        /// How often the membership was changed, from 1; orders what is told of it
        revision -> Int4,
    }
}

diesel::table! {
    /// Events that the relay still owes; a row goes in the transaction that writes the deliveries. Small and ever changing, so it is vacuumed by count
    outbox (tenant_id, event_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The event
        event_id -> Uuid,
        /// Its object, for the order of created before updated
        object_id -> Uuid,
        /// From when any node may take it; the node that recorded it takes it at once
        relay_after -> Timestamptz,
        /// Its object was completed, passed or failed for the first time: no receiver is kept waiting for that
        concludes -> Bool,
    }
}

diesel::table! {
    /// Ways back for people who lost their password, each good once
    password_resets (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as pwr_…
        id -> Uuid,
        /// Whose password it is
        user_id -> Uuid,
        /// The letter that brings it; the same for all institutions that know the address
        letter_id -> Uuid,
        /// SHA-256 of the token
        hash -> Bytea,
        /// The token, sealed, until its letter has left
        secret -> Nullable<Bytea>,
        /// When it was made
        created_at -> Timestamptz,
        /// When it stops working
        expires_at -> Timestamptz,
        /// When it was used, or another took its place
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Learners put on a learning path by themselves, not by a group
    path_enrolments (tenant_id, path_id, user_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The learning path
        path_id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// Who did it; none for an integration
        enrolled_by -> Nullable<Uuid>,
        /// When it happened
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Queues that an operator has stopped, on every node
    paused_queues (queue) {
        /// The queue
        queue -> Text,
        /// Why, by whoever paused it
        reason -> Text,
        /// Since when
        paused_at -> Timestamptz,
    }
}

diesel::table! {
    /// Bodies as sent, once for each event and rendering, so that a retry sends the same bytes
    payloads (tenant_id, event_id, rendering) {
        /// The institution
        tenant_id -> Uuid,
        /// The event
        event_id -> Uuid,
        /// Dialect, and the webhook where its id is inside the body
        rendering -> Text,
        /// The bytes
        body -> Bytea,
    }
}

diesel::table! {
    /// Learners' activity as it came in; the key makes an event count once, for ever
    progress_events (tenant_id, client_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The sender's own id of the event, at most 128 characters
        client_id -> Text,
        /// The learner
        user_id -> Uuid,
        /// What was acted on
        object_kind -> Text,
        /// Which one
        object_id -> Uuid,
        /// What was done
        verb -> Text,
        /// As it was given
        result -> Nullable<Jsonb>,
        /// Events that it caused, told again to whoever sends it twice
        event_ids -> Array<Nullable<Uuid>>,
        /// When it happened, by the sender
        occurred_at -> Timestamptz,
        /// When it was accepted
        received_at -> Timestamptz,
    }
}

diesel::table! {
    /// Promises: work that must eventually happen. A finished job leaves; its outcome is a fact elsewhere
    queue_jobs (tenant_id, id) {
        /// The institution; the nil uuid for the house's own work
        tenant_id -> Uuid,
        /// Shown as job_…
        id -> Uuid,
        /// Queue that a worker serves
        queue -> Text,
        /// Name of the job in the registry
        name -> Text,
        /// Its arguments
        payload -> Jsonb,
        /// At most one available job of this name and key
        unique_key -> Nullable<Text>,
        /// Available, running under a lease, or discarded after its last attempt
        state -> Text,
        /// Times that it was started
        attempts -> Int4,
        /// Not before
        run_at -> Timestamptz,
        /// Process that runs it, an id made at its start
        locked_by -> Nullable<Uuid>,
        /// Until when that process is believed
        lease_until -> Nullable<Timestamptz>,
        /// Why the last attempt failed
        last_error -> Nullable<Text>,
        /// Request that caused it
        request_id -> Nullable<Text>,
        /// When it was promised
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// What is taken once instead of a one-time password, when the authenticator is lost
    recovery_codes (tenant_id, user_id, hash) {
        /// The institution
        tenant_id -> Uuid,
        /// The person
        user_id -> Uuid,
        /// SHA-256 of the code: it has 80 random bits
        hash -> Bytea,
        /// When it was taken
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Deliveries of a receiver sent once more, many at a time
    replays (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as rpl_…
        id -> Uuid,
        /// The receiver
        webhook_id -> Uuid,
        /// What became of the deliveries that are wanted; none means no deliveries, only what was skipped
        statuses -> Array<Nullable<Text>>,
        /// Only these types, in the catalogue's names; none means all
        event_types -> Nullable<Array<Nullable<Text>>>,
        /// Only what is about this object
        object_id -> Nullable<Uuid>,
        /// Only what was owed, or happened, at or after this time
        since -> Timestamptz,
        /// Only what was owed, or happened, before this time
        until -> Timestamptz,
        /// Also events that were not sent because the receiver was disabled
        include_skipped -> Bool,
        /// Deliveries a second at most
        rate_per_second -> Int4,
        /// Running until the last one was attempted
        status -> Text,
        /// Why it failed, in words
        status_reason -> Nullable<Text>,
        /// How many there are; null until they are counted
        total -> Nullable<Int8>,
        /// How many were attempted again
        done -> Int8,
        /// The last delivery or event looked at, both being ids by time: where it goes on
        cursor -> Uuid,
        /// Deliveries owed again and not attempted yet: no more are handed out while these are many
        in_hand -> Array<Nullable<Uuid>>,
        /// Who asked for it
        created_by -> Nullable<Uuid>,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
        /// When it was completed, cancelled or failed
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// What people prove beside their password: one-time passwords of an authenticator
    second_factors (tenant_id, user_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The person
        user_id -> Uuid,
        /// What the authenticator knows, sealed
        secret -> Bytea,
        /// Span of time of the newest password that was taken: none is taken twice
        last_step -> Int8,
        /// When it was begun
        created_at -> Timestamptz,
        /// When the first password was right; until then none is asked for
        confirmed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Failed sign-ins in a window, by account and by address
    sign_in_failures (key) {
        /// SHA-256 of "account:" or "address:" and the value
        key -> Bytea,
        /// Failures since the window began
        failures -> Int4,
        /// When the window began
        started_at -> Timestamptz,
    }
}

diesel::table! {
    /// Events that an endpoint asks for by type and was not sent, and why
    skips (tenant_id, webhook_id, event_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The receiver
        webhook_id -> Uuid,
        /// The event
        event_id -> Uuid,
        /// Its type
        event_type -> Text,
        /// Its object
        object_id -> Uuid,
        /// Its scope leaves the event out, it is disabled, or it waits for approval
        reason -> Text,
        /// When that was decided
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// People of the platform, each with one token, who act on behalf of institutions
    staff (id) {
        /// Shown as stf_…
        id -> Uuid,
        /// Tells people apart; never shown to an institution
        email -> Text,
        /// Shown to the institutions that the person acted for
        name -> Text,
        /// What the person may do
        role -> Text,
        /// SHA-256 of the whole token; the token itself is kept nowhere
        hash -> Bytea,
        /// Last four characters, to tell tokens apart
        last4 -> Text,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the token stops working; none means never
        expires_at -> Nullable<Timestamptz>,
        /// Last use, kept to the minute
        last_used_at -> Nullable<Timestamptz>,
        /// When the token was revoked
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// What the staff did to their own accounts; rows are added and never changed
    staff_log (id) {
        /// Names the entry
        id -> Uuid,
        /// When it was done
        at -> Timestamptz,
        /// Whose account it is
        staff_id -> Uuid,
        /// What was done, object.verb in the past tense
        action -> Text,
        /// Request that did it; none from the command line
        request_id -> Nullable<Text>,
        /// Address that the request came from
        address -> Nullable<Text>,
    }
}

diesel::table! {
    /// What is taken once instead of a one-time password, when the authenticator is lost
    staff_recovery_codes (staff_id, hash) {
        /// The person
        staff_id -> Uuid,
        /// SHA-256 of the code: it has 80 random bits
        hash -> Bytea,
        /// When it was taken
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// What the staff prove beside their token: one-time passwords of an authenticator
    staff_second_factors (staff_id) {
        /// The person
        staff_id -> Uuid,
        /// What the authenticator knows, sealed
        secret -> Bytea,
        /// Span of time of the newest password that was taken: none is taken twice
        last_step -> Int8,
        /// When it was begun
        created_at -> Timestamptz,
        /// When the first password was right; until then none is asked for
        confirmed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Hours in which somebody of the staff works, opened with the token and a second factor
    staff_sessions (id) {
        /// Shown as sts_…
        id -> Uuid,
        /// The person
        staff_id -> Uuid,
        /// SHA-256 of the session's token
        hash -> Bytea,
        /// When it was opened
        created_at -> Timestamptz,
        /// When it ends by itself
        expires_at -> Timestamptz,
        /// When it was ended
        ended_at -> Nullable<Timestamptz>,
        /// Where it was opened from
        address -> Text,
    }
}

diesel::table! {
    /// Where a learner stands on a course, lesson, training or item
    standings (tenant_id, user_id, object_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// What the learner stands on
        object_id -> Uuid,
        /// Its kind
        object_kind -> Text,
        /// Shown as std_…
        id -> Uuid,
        /// The integer that Teachbase-style receivers read as the stat's id
        number -> Int8,
        /// The course that it is part of
        course_id -> Uuid,
        /// Basis points; 10000 only when complete
        progress -> Int4,
        /// Passed or failed; none while unknown. Once passed, stays passed
        success -> Nullable<Bool>,
        /// Score of the latest attempt, in its own scale
        score_raw -> Nullable<Float8>,
        /// Lowest of that scale
        score_min -> Nullable<Float8>,
        /// Highest of that scale
        score_max -> Nullable<Float8>,
        /// Best scaled score so far, in basis points
        best_score -> Nullable<Int4>,
        /// Attempts so far
        attempts -> Int4,
        /// Sum of reported durations
        time_spent_seconds -> Int8,
        /// Counts announced changes, from 1
        revision -> Int4,
        /// First activity
        started_at -> Nullable<Timestamptz>,
        /// First completion; never moves
        completed_at -> Nullable<Timestamptz>,
        /// Time of the newest event applied; older ones may not downgrade
        last_occurred_at -> Timestamptz,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the last announced change was made
        updated_at -> Timestamptz,
        /// Of the time spent, what came after the last announcement: time alone inside a course or lesson is not announced
        untold_seconds -> Int8,
    }
}

diesel::table! {
    /// What is requested: one receiver, its event types and its objects, each with an outcome of its own
    subscription_request_items (tenant_id, request_id, number) {
        /// The institution
        tenant_id -> Uuid,
        /// The request
        request_id -> Uuid,
        /// From 1, as they were filed
        number -> Int4,
        /// Where deliveries are to go, normalised
        url -> Text,
        /// Event types in the dialect's names; * means all
        events -> Array<Nullable<Text>>,
        /// Course, lesson and item ids that it is limited to; none means all
        scope_ids -> Nullable<Array<Nullable<Uuid>>>,
        /// Kind of each of them: course, lesson or item
        scope_kinds -> Nullable<Array<Nullable<Text>>>,
        /// What became of this item
        outcome -> Text,
        /// Of the types, those that were approved
        approved_events -> Array<Nullable<Text>>,
        /// The receiver that was made or found for it
        webhook_id -> Nullable<Uuid>,
        /// The subscription that it became
        subscription_id -> Nullable<Uuid>,
        /// What came of support's last test
        test -> Nullable<Jsonb>,
    }
}

diesel::table! {
    /// Requests to support for subscriptions
    subscription_requests (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as srq_…
        id -> Uuid,
        /// The institution's own key: the same request twice is one
        external_id -> Nullable<Text>,
        /// SHA-256 of what was requested, to tell a repeat from another request under the same key
        fingerprint -> Bytea,
        /// How the receivers want to be spoken to
        dialect -> Text,
        /// Why, in the requester's words
        reason -> Text,
        /// Open while requested or testing; approved also where only a part was
        status -> Text,
        /// Why, in the words of whoever decided
        decision -> Nullable<Text>,
        /// Who of the staff decided; none where time did or the institution withdrew it
        decided_by -> Nullable<Uuid>,
        /// What that person was called then
        decided_name -> Nullable<Text>,
        /// Who filed it; none where an integration did
        filed_by -> Nullable<Uuid>,
        /// What the filer was called then
        filed_name -> Text,
        /// When it was filed
        created_at -> Timestamptz,
        /// When it last changed
        updated_at -> Timestamptz,
        /// When it expires if nobody decides
        expires_at -> Timestamptz,
        /// When it was decided, expired or withdrawn
        decided_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// What an endpoint is told of; an event is owed to it once if any of them matches
    subscriptions (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as sub_…
        id -> Uuid,
        /// The endpoint
        webhook_id -> Uuid,
        /// Event types in the dialect's names; * means all
        events -> Array<Nullable<Text>>,
        /// Course, lesson and item ids that it is limited to; none means all
        scope_ids -> Nullable<Array<Nullable<Uuid>>>,
        /// Kind of each of them: course, lesson or item
        scope_kinds -> Nullable<Array<Nullable<Text>>>,
        /// Whose it is: the institution's own, support's, or from a request that support approved
        source -> Text,
        /// The request that it came from
        request_id -> Nullable<Uuid>,
        /// Who made it
        created_by -> Nullable<Uuid>,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
        /// Tombstone
        deleted_at -> Nullable<Timestamptz>,
        /// Who of the platform's staff made it, as the person was called then
        made_by -> Nullable<Text>,
        /// Why, in that person's words
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    /// Addresses that nothing is sent to any more
    suspended_addresses (tenant_id, address_hash) {
        /// The institution
        tenant_id -> Uuid,
        /// SHA-256 of the address in lower case
        address_hash -> Bytea,
        /// The address as it may be shown
        recipient -> Text,
        /// The letter that came back
        letter_id -> Uuid,
        /// What the mail server said
        reason -> Text,
        /// Since when
        suspended_at -> Timestamptz,
    }
}

diesel::table! {
    /// Bearer tokens: sessions of people and tokens of integrations
    tokens (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as tok_…; never the secret
        id -> Uuid,
        /// A session belongs to a person, an integration token to the institution
        kind -> Text,
        /// Whose session; none for an integration
        user_id -> Nullable<Uuid>,
        /// Who made it; none when the server did
        created_by -> Nullable<Uuid>,
        /// Given by its maker
        name -> Text,
        /// SHA-256 of the whole token; the token itself is kept nowhere
        hash -> Bytea,
        /// Last four characters, to tell tokens apart
        last4 -> Text,
        /// Named abilities, never more than the maker's
        abilities -> Array<Nullable<Text>>,
        /// When the row was made
        created_at -> Timestamptz,
        /// When it stops working; none means never
        expires_at -> Nullable<Timestamptz>,
        /// Last use, kept to the minute
        last_used_at -> Nullable<Timestamptz>,
        /// Address of the last use
        last_used_ip -> Nullable<Text>,
        /// When it was revoked
        revoked_at -> Nullable<Timestamptz>,
        /// Which application took it; none for the other kinds
        application_id -> Nullable<Uuid>,
        /// Networks (CIDR) that it may be used from; none means anywhere
        ip_allowlist -> Array<Nullable<Text>>,
        /// The only courses that there are for its holder; null means all
        course_ids -> Nullable<Array<Nullable<Uuid>>>,
        /// Abilities that it was ever used for
        used_abilities -> Array<Nullable<Text>>,
        /// The token that it was made in place of
        replaces -> Nullable<Uuid>,
        /// The token that was made in its place; until it expires both work
        replaced_by -> Nullable<Uuid>,
        /// When that was made
        rotated_at -> Nullable<Timestamptz>,
        /// When somebody reported that it lies in the open
        leaked_at -> Nullable<Timestamptz>,
        /// Its people were told that it expires: 1 a week before, 2 a day before
        told -> Int2,
    }
}

diesel::table! {
    /// What a learner does: a material, a quiz, a task, a SCORM package, a dialogue, a flashcard
    training_items (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as itm_…
        id -> Uuid,
        /// The integer that Teachbase-style receivers read
        number -> Int8,
        /// The training
        training_id -> Uuid,
        /// The institution's own key
        external_id -> Nullable<Text>,
        /// Decides which of the six stats a learner's standing is
        kind -> Text,
        /// Shown to people
        title -> Text,
        /// What the learner is asked; never the answer
        prompt -> Text,
        /// Right answers in the institution's own form; shown only with content:answers
        answer_key -> Nullable<Jsonb>,
        /// Order within the training, from 1
        position -> Int4,
        /// Counts towards the lesson's progress
        required -> Bool,
        /// Highest raw score; none if not scored
        max_score -> Nullable<Float8>,
        /// Estimated
        estimated_seconds -> Nullable<Int4>,
        /// Skills that it trains
        skills -> Array<Nullable<Text>>,
        /// Level, Pre-A1 to C2
        cefr -> Nullable<Text>,
        /// Counts changes
        version -> Int4,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
        /// Tombstone
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Blocks of a lesson
    trainings (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as trn_…
        id -> Uuid,
        /// The lesson
        lesson_id -> Uuid,
        /// The institution's own key
        external_id -> Nullable<Text>,
        /// Shown to people
        title -> Text,
        /// Free word: practice, review, exam
        kind -> Text,
        /// Order within the lesson, from 1
        position -> Int4,
        /// Basis points of the maximum; none if nothing is to be passed
        pass_score -> Nullable<Int4>,
        /// Counts changes
        version -> Int4,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
        /// Tombstone
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// By which words a person is found; kept by the table of people, which is why nothing refers to it
    user_words (tenant_id, word, user_id) {
        /// The institution
        tenant_id -> Uuid,
        /// In lower case: a part of the name, the address or the external id
        word -> Text,
        /// The person
        user_id -> Uuid,
    }
}

diesel::table! {
    /// People, once for each institution that knows them
    users (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as usr_…
        id -> Uuid,
        /// The integer that Teachbase-style receivers read
        number -> Int8,
        /// The institution's own key for the person
        external_id -> Nullable<Text>,
        /// As it was given
        email -> Text,
        /// Case-folded address, by which a person is found
        email_key -> Text,
        /// Whole name as the institution writes it
        name -> Text,
        /// Given name, for receivers that want two fields
        first_name -> Text,
        /// Family name, possibly empty
        last_name -> Text,
        /// BCP 47 tag; none means the institution's
        locale -> Nullable<Text>,
        /// IANA zone; none means the institution's
        time_zone -> Nullable<Text>,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// Registered receivers
    webhooks (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as whk_…
        id -> Uuid,
        /// Where deliveries go, normalised
        url -> Text,
        /// Of the institution, for itself
        description -> Text,
        /// How it wants to be spoken to
        dialect -> Text,
        /// Pinned version of a dialect that has versions
        api_version -> Nullable<Text>,
        /// Signing secret, sealed; none for a receiver that takes unsigned bodies
        secret -> Nullable<Bytea>,
        /// Last four characters, to tell secrets apart
        secret_hint -> Text,
        /// Name of the retry schedule
        retry_policy -> Text,
        /// Only enabled ones are attempted
        status -> Text,
        /// Why, in words, where the server decided
        status_reason -> Nullable<Text>,
        /// First failure since the last success
        failing_since -> Nullable<Timestamptz>,
        /// Who made it
        created_by -> Nullable<Uuid>,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
        /// Tombstone: the log of its deliveries is kept
        deleted_at -> Nullable<Timestamptz>,
        /// How webhook-signature is made: v1 by HMAC with a shared secret, v1a by an ed25519 key pair
        signature_scheme -> Text,
        /// What a receiver verifies v1a with; shown as whpk_…
        public_key -> Nullable<Text>,
        /// The secret before the last rotation, sealed; signs beside the present one during the overlap
        previous_secret -> Nullable<Bytea>,
        /// When it stops signing
        previous_secret_until -> Nullable<Timestamptz>,
        /// Headers of the institution's own, sent with each attempt: a sealed JSON object
        headers -> Nullable<Bytea>,
        /// Their names, in lower case, to be shown
        header_names -> Array<Nullable<Text>>,
        /// Updates of one object within so many seconds are sent as the last of them; 0 sends each
        coalesce_seconds -> Int4,
        /// The events of one object are sent strictly one after the other
        ordered -> Bool,
        /// Most attempts at the same time; none means the server's own limit
        max_in_flight -> Nullable<Int4>,
        /// Most attempts in a second; none means no limit
        rate_per_second -> Nullable<Int4>,
        /// What the institution was told of the present failure: 0 nothing, 1 that it fails, 2 that the last day has begun
        failing_told -> Int2,
        /// Last test of the present address that was received; none until then
        pinged_at -> Nullable<Timestamptz>,
        /// Failures since the last success
        failed_attempts -> Int4,
        /// Start of the latest of them
        last_failed_at -> Nullable<Timestamptz>,
        /// What was the matter with it, in words
        last_error -> Nullable<Text>,
        /// When its people were last told that it fails
        told_at -> Nullable<Timestamptz>,
        /// When the server switched it off
        disabled_at -> Nullable<Timestamptz>,
    }
}

diesel::joinable!(applications -> institutions (tenant_id));
diesel::joinable!(audit_log -> institutions (tenant_id));
diesel::joinable!(courses -> institutions (tenant_id));
diesel::joinable!(data_set_members -> institutions (tenant_id));
diesel::joinable!(groups -> institutions (tenant_id));
diesel::joinable!(idempotency_keys -> institutions (tenant_id));
diesel::joinable!(import_files -> institutions (tenant_id));
diesel::joinable!(imports -> institutions (tenant_id));
diesel::joinable!(institution_exports -> institutions (tenant_id));
diesel::joinable!(learning_paths -> institutions (tenant_id));
diesel::joinable!(letters -> institutions (tenant_id));
diesel::joinable!(staff_log -> staff (staff_id));
diesel::joinable!(staff_recovery_codes -> staff_second_factors (staff_id));
diesel::joinable!(staff_second_factors -> staff (staff_id));
diesel::joinable!(staff_sessions -> staff (staff_id));
diesel::joinable!(subscription_requests -> institutions (tenant_id));
diesel::joinable!(subscriptions -> institutions (tenant_id));
diesel::joinable!(suspended_addresses -> institutions (tenant_id));
diesel::joinable!(tokens -> institutions (tenant_id));
diesel::joinable!(users -> institutions (tenant_id));
diesel::joinable!(webhooks -> institutions (tenant_id));

diesel::allow_tables_to_appear_in_same_query!(
    applications,
    attempts,
    audit_log,
    cefr_evidence,
    cefr_levels,
    cefr_targets,
    courses,
    credentials,
    data_set_members,
    deliveries,
    enrolments,
    events,
    group_enrolments,
    group_managers,
    group_members,
    groups,
    idempotency_keys,
    import_file_parts,
    import_files,
    import_rows,
    imports,
    institution_export_parts,
    institution_exports,
    institutions,
    invitations,
    learning_path_courses,
    learning_paths,
    lessons,
    letters,
    memberships,
    outbox,
    password_resets,
    path_enrolments,
    paused_queues,
    payloads,
    progress_events,
    queue_jobs,
    recovery_codes,
    replays,
    second_factors,
    sign_in_failures,
    skips,
    staff,
    staff_log,
    staff_recovery_codes,
    staff_second_factors,
    staff_sessions,
    standings,
    subscription_request_items,
    subscription_requests,
    subscriptions,
    suspended_addresses,
    tokens,
    training_items,
    trainings,
    user_words,
    users,
    webhooks,
);
