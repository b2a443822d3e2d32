"""What people of the demo district do with what was loaded: partnerships move through their own actions,
each by whoever leads it, so that the gate is passed and the record tells who did what."""

import time

import community
import files
import office
import recognition

SURVEY = "How our partnerships are going"
FORWARD = {  # by what a partnership is to become: the actions that lead there
    "exploring": (), "declined": ("decline",), "aligning": ("align",), "agreement": ("align", "agree"),
    "active": ("align", "agree", "activate"), "renewing": ("align", "agree", "activate", "renew"),
    "paused": ("align", "agree", "activate", "pause"),
    "ended": ("align", "agree", "activate", "pause", "end"),
}
AFTER = {"align": "aligning", "agree": "agreement", "activate": "active", "renew": "renewing",
         "pause": "paused", "end": "ended", "decline": "declined"}
REASONS = {"decline": {"reason": "No school had room for it this year."},
           "pause": {"reason": "Its coordinator is on leave."},
           "end": {"reason": "The grant behind it is over."}}
SIGNERS = ("director@example.org", "deputy@example.org", "coordinator.district@example.org",
           "agreements@example.org")
MAILS_WITHIN_S = 60
REVIEWER = "legal@example.org"
TOKENS = 3  # of each, as one of them may write so much a minute
# One item for each agreement, by those who have not written much yet: a token has a limit of writes a minute.
CHECKLIST = ("What each side does, students' records, insurance, and how it ends",)


class Story:
    def __init__(self, demo, each):
        self.demo = demo
        self.each = each
        admin = demo.admin
        self.users = {row["email"]: row["id"] for row in admin.all("users")}
        self.partnerships = {row["name"]: row for row in admin.all("partnerships")}
        self.becomes = {row["name"]: row["becomes"] for row in files.read(demo.folder, "partnerships")}
        self.leads = {}
        for row in admin.all("partnership_roles"):
            if row["role"] == "lead":
                self.leads.setdefault(row["partnership_id"], {})[row["side"]] = (
                    row["user_id"] or row["contact_id"])
        self.covered = {row["agreement_id"]: row["partnership_id"]
                        for row in admin.all("agreement_partnerships")}
        self.goals = {}
        for row in admin.all("goals"):
            self.goals.setdefault(row["partnership_id"], []).append(row)

    def todo(self, row):
        """The actions that are left; none once somebody has moved it elsewhere."""
        verbs = FORWARD[self.becomes[row["name"]]]
        passed = ["exploring"] + [AFTER[verb] for verb in verbs]
        return verbs[passed.index(row["status"]):] if row["status"] in passed else ()

    def said(self):
        """Those that the files make and that have something left to do."""
        rows = [self.partnerships[name] for name in self.becomes]
        return [row for row in rows if self.todo(row)]

    # ---- Agreements ------------------------------------------------------------------------------

    def agreements(self):
        wanted = {row["title"]: row for row in files.read(self.demo.folder, "agreements")}
        there = [row for row in self.demo.admin.all("agreements")
                 if row["title"] in wanted and wanted[row["title"]]["becomes"] == "in_force"
                 and row["status"] in ("draft", "review", "out_for_signature")]
        signers = [self.demo.person(self.users[email], number) for number in range(TOKENS) for email in SIGNERS] if there else []
        reviewers = [self.demo.person(self.users[REVIEWER], number) for number in range(TOKENS)] if there else []

        def settle(numbered):
            number, row = numbered
            signer = signers[number % len(signers)]
            reviewer = reviewers[number % TOKENS]
            office = (self.demo.admin, self.demo.admin, reviewer)[number % 3]
            path = f"/v1/agreements/{row['id']}"
            if row["district_at"] is None:
                signer.post(path + "/acknowledge")
            if row["partner_at"] is None:
                contact = self.leads[self.covered[row["id"]]]["partner"]
                signer.post(path + "/acknowledge", {"on_behalf_of": contact})
            if row["status"] == "draft":
                for position, name in enumerate(CHECKLIST, 1):
                    office.post("/v1/agreement_items", {"agreement_id": row["id"], "name": name,
                                                        "position": position, "status": "finalized"})
                signer.post(path + "/submit")
            if row["status"] in ("draft", "review"):
                signer.review(row["id"], reviewer)
            for side, who in (("district", "Dr. Althea Simms, Superintendent"),
                              ("partner", wanted[row["title"]]["signer"])):
                if not row[f"{side}_signer"]:
                    signer.sign(row["id"], side, who)

        self.each(settle, enumerate(there))
        self.demo.changed += len(there)
        if there:
            self.demo.say(f"agreements: {len(there)} reviewed and signed by both sides")

    # ---- Partnerships ----------------------------------------------------------------------------

    def acknowledge(self, client, row, contact):
        """Both sides, of the vision and of each goal; the partner's word is recorded by ours."""
        said = [("partnerships", row, "vision_")] if row["vision"] else []
        said += [("goals", goal, "") for goal in self.goals.get(row["id"], ())]
        for plural, one, prefix in said:
            path = f"/v1/{plural}/{one['id']}/acknowledge"
            if one[f"{prefix}district_at"] is None:
                client.post(path)
            if one[f"{prefix}partner_at"] is None:
                client.post(path, {"on_behalf_of": contact})

    def move(self, row):
        leads = self.leads[row["id"]]
        client = self.demo.person(leads["district"])
        for verb in self.todo(row):
            if verb == "agree":
                self.acknowledge(client, row, leads["partner"])
            client.post(f"/v1/partnerships/{row['id']}/{verb}", REASONS.get(verb))

    def partnerships_move(self):
        waiting = self.said()
        for row in waiting:  # a key each, before there are threads
            self.demo.person(self.leads[row["id"]]["district"])
        self.each(self.move, waiting)
        self.demo.changed += len(waiting)
        if waiting:
            counts = {}
            for row in waiting:
                counts[self.becomes[row["name"]]] = counts.get(self.becomes[row["name"]], 0) + 1
            self.demo.say("partnerships moved: " + ", ".join(
                f"{count} {status}" for status, count in sorted(counts.items())))

    # ---- A survey --------------------------------------------------------------------------------

    def survey(self):
        """Leaders of our side rate their partnerships; closed, so that there are results."""
        rows = files.read(self.demo.folder, "survey_answers")
        if not rows or any(row["name"] == SURVEY for row in self.demo.admin.all("surveys")):
            return
        director = self.demo.person(self.users["director@example.org"])
        instrument = next(row for row in director.all("instruments") if row["code"] == "relationship")
        today = self.demo.today
        one = director.post("/v1/surveys", {
            "name": SURVEY, "instrument_id": instrument["id"], "mode": "confidential",
            "school_year": today.year + (today.month >= 7), "opens_on": today.isoformat(),
            "closes_on": today.isoformat(), "asks_partner": False})["id"]
        director.post(f"/v1/surveys/{one}/open")
        invitations = {row["user_id"]: row["id"] for row in director.all("survey_invitations", survey_id=one)}
        ratings = [question["code"] for question in instrument["questions"] if question["kind"] == "rating"]

        def answer(row):
            partnership = self.partnerships[row["partnership"]]["id"]
            leader = self.leads[partnership]["district"]
            given = dict(zip(ratings, map(int, row["ratings"].split())))
            if row["comment"]:
                given["comment"] = row["comment"]
            try:
                self.demo.person(leader).post(f"/v1/survey_invitations/{invitations[leader]}/answer",
                                              {"partnership_id": partnership, "answers": given})
            except Exception as refused:  # pylint: disable=broad-except
                if getattr(refused, "status", None) != 422:
                    raise
                return 0  # nobody is asked about more than five
            return 1

        for row in rows:
            self.demo.person(self.leads[self.partnerships[row["partnership"]]["id"]]["district"])
        self.wait_for_mails(invitations, lambda mails: len(mails) == len(invitations), "decided")
        answered = sum(self.each(answer, rows))
        director.post(f"/v1/surveys/{one}/close")
        self.wait_for_mails(invitations, lambda mails: not {"queued", "retry"} & {m["status"] for m in mails},
                            "withdrawn")
        self.demo.changed += 1
        self.demo.say(f"a survey is closed: {len(invitations)} asked, {answered} relationships rated")


    def wait_for_mails(self, invitations, are_so, what):
        """Where a program decides mails: they are held until the district goes live, and are withdrawn
        when there is nothing left to answer. Nobody is to be asked what is over."""
        deadline = time.monotonic() + MAILS_WITHIN_S
        ids = set(invitations.values())
        while self.demo.decides_mails and not are_so(
                [m for m in self.demo.admin.all("messages", kind="survey_invitation") if m["subject_id"] in ids]):
            if time.monotonic() > deadline:
                raise SystemExit(f"load: the survey's mails are not {what}: does kith-survey run?")
            time.sleep(0.3)


def deliver(demo, each):
    """What was pledged for days that are over was delivered."""
    due = [row for row in demo.admin.all("investments", status="pledged", sort="from_date")
           if row["until_date"] < demo.today.isoformat()]
    said = {row["name"] for row in files.read(demo.folder, "partnerships")}
    names = {row["id"]: row["name"] for row in demo.admin.all("partnerships")}
    due = [row for row in due if names.get(row["partnership_id"]) in said]
    leads = {row["partnership_id"]: row["user_id"] for row in demo.admin.all("partnership_roles")
             if row["role"] == "lead" and row["user_id"]}
    for row in due:
        demo.person(leads[row["partnership_id"]])

    def one(row):
        demo.person(leads[row["partnership_id"]]).post(f"/v1/investments/{row['id']}/deliver")

    each(one, due)
    demo.changed += len(due)
    if due:
        demo.say(f"investments: {len(due)} delivered")


def tell(demo, each):
    story = Story(demo, each)
    story.agreements()
    story.partnerships_move()
    deliver(demo, each)
    story.survey()
    recognition.tell(demo, story.users)
    community.tell(demo, story.users, each)
    office.tell(demo, story.users)
