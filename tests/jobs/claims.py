"""What kith-mailer says to the database to claim one mail, without the program."""
import json

from world import uuid7


def key_of():
    """Of an attempt and its links."""
    return {name: uuid7() for name in ("attempt_id", "link_id")} | {
        name: uuid7().replace("-", "") * 2 for name in ("task_hash", "stop_hash")}


def claim(mailer, now, only=None, most_a_day=1000):
    """In a transaction: (district, message, verdict, hash of the link that ends mails) of what is due, or None."""
    district, messages = mailer.execute(
        "SELECT district_id, message_ids FROM messages_take(%s, 1, '{}', %s)", (now, only)).fetchone()
    if district is None:
        return None
    key = key_of()
    message, verdict = mailer.execute("SELECT message_id, verdict FROM messages_claim(%s, %s, 60000, %s - messages_sent_today())",
                                      (messages, json.dumps([key]), most_a_day)).fetchone()
    return district, message, verdict, key["stop_hash"]
