-- What actions share: who may act on a row, which transitions of status there are, and how an action
-- is refused. KI404: no such row. KIOUT: a row that the grants do not cover. KI412: another version.
-- KI490: the state forbids it; the message is for the client, the detail a JSON object. KI491: a
-- field is at fault, named as the error's column; the message is for the client.

SET ROLE kith_owner;

-- What is sealed, or must be so or so, does not keep a name while its person is erased (83_erasure.sql).
CREATE OR REPLACE FUNCTION is_erasing() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(current_setting('kith.erasing', true) = 'on', false);

-- Nor does a guard of what is settled keep a reference to a record that has become another (98_merge.sql).
CREATE OR REPLACE FUNCTION is_unguarded() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN is_erasing() OR coalesce(current_setting('kith.merging', true) = 'on', false);

CREATE OR REPLACE FUNCTION refuse_state(p_message text, p_state jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF is_unguarded() THEN
        RETURN;
    END IF;
    RAISE EXCEPTION '%', p_message USING ERRCODE = 'KI490', DETAIL = p_state::text;
END
$$;

CREATE OR REPLACE FUNCTION refuse_field(p_field text, p_message text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF is_unguarded() THEN
        RETURN;
    END IF;
    RAISE EXCEPTION '%', p_message USING ERRCODE = 'KI491', COLUMN = p_field;
END
$$;

-- Who sees to something from now on. KI491 where that user has left, or does so at this moment: whoever hands over
-- what somebody carries holds the row (97_departure_hand_over.sql).
CREATE OR REPLACE FUNCTION serving_put(p_field text, p_user uuid, p_before uuid) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF p_user IS DISTINCT FROM p_before AND (
        SELECT u.archived_at IS NOT NULL FROM app_user u
        WHERE u.district_id = current_setting('kith.district')::uuid AND u.id = p_user FOR KEY SHARE)
    THEN
        PERFORM refuse_field(p_field, format('"%s" has left.', p_field));
    END IF;
    RETURN p_user;
END
$$;

-- Locks a row for an action, if it is there, may be written, is not archived, and has the version
-- (NULL: any).
CREATE OR REPLACE FUNCTION lock_row(p_table text, p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    found_version bigint;
    found_archived timestamptz;
    is_there boolean;
BEGIN
    EXECUTE format('SELECT version, archived_at FROM %I WHERE id = $1 FOR UPDATE', p_table)
    INTO found_version, found_archived USING p_id;
    IF found_version IS NULL THEN -- not there, or no row that this context may write
        EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE id = $1)', p_table)
        INTO is_there USING p_id;
        RAISE EXCEPTION 'no row to act on'
            USING ERRCODE = CASE WHEN is_there THEN 'KIOUT' ELSE 'KI404' END;
    ELSIF found_version <> p_version THEN
        RAISE EXCEPTION 'another version' USING ERRCODE = 'KI412';
    ELSIF found_archived IS NOT NULL THEN
        PERFORM refuse_state('It is archived; restore it first.', '{"status": "archived"}');
    END IF;
END
$$;

-- The transitions: what is not written here is refused.
CREATE OR REPLACE FUNCTION transitions()
RETURNS TABLE (resource text, action text, from_status text, to_status text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('partner',     'contact',   'prospect',   'contacted'),
        ('partner',     'vet',       'contacted',  'vetting'),
        ('partner',     'approve',   'vetting',    'approved'),
        ('partner',     'decline',   'prospect',   'declined'),
        ('partner',     'decline',   'contacted',  'declined'),
        ('partner',     'decline',   'vetting',    'declined'),
        ('partner',     'bar',       'prospect',   'barred'),
        ('partner',     'bar',       'contacted',  'barred'),
        ('partner',     'bar',       'vetting',    'barred'),
        ('partner',     'bar',       'approved',   'barred'),
        ('partner',     'bar',       'active',     'barred'),
        ('partner',     'bar',       'dormant',    'barred'),
        ('partner',     'reopen',    'declined',   'prospect'),
        ('partner',     'reopen',    'barred',     'vetting'),
        ('site_closing', 'accept',   'proposed',   'planned'),
        ('site_closing', 'cancel',   'proposed',   'cancelled'),
        ('site_closing', 'cancel',   'planned',    'cancelled'),
        ('site_closing', 'undo',     'done',       'undone'),
        ('partner_edit', 'accept',   'waiting',    'accepted'),
        ('partner_edit', 'refuse',   'waiting',    'refused'),
        ('own_partner_edit', 'withdraw', 'waiting', 'withdrawn'),
        ('user_invitation', 'resend', 'pending',   'pending'),
        ('user_invitation', 'revoke', 'pending',   'revoked'),
        ('mail_check', 'confirm', 'sent', 'confirmed'),
        ('legal_hold',  'release',   'held',       'released'),
        ('records_request', 'begin', 'received',   'gathering'),
        ('records_request', 'gather', 'gathering', 'ready'),
        ('records_request', 'gather', 'ready',     'ready'),
        ('records_request', 'deliver', 'ready',    'delivered'),
        ('records_request', 'withdraw', 'received', 'withdrawn'),
        ('records_request', 'withdraw', 'gathering', 'withdrawn'),
        ('records_request', 'withdraw', 'ready',   'withdrawn'),
        ('erasure',     'run',       'draft',      'done'),
        ('erasure',     'withdraw',  'draft',      'withdrawn'),
        ('erasure',     'lift',      'done',       'done'),
        ('credential',  'verify',    'submitted',  'verified'),
        ('credential',  'verify',    'rejected',   'verified'),
        ('credential',  'reject',    'submitted',  'rejected'),
        ('credential',  'reject',    'verified',   'rejected'),
        ('champion',    'cultivate', 'identified', 'cultivating'),
        ('champion',    'cultivate', 'lapsed',     'cultivating'),
        ('champion',    'ask',       'cultivating', 'asked'),
        ('champion',    'support',   'asked',      'supporting'),
        ('champion',    'reach',     'supporting', 'reached'),
        ('champion',    'lapse',     'identified', 'lapsed'),
        ('champion',    'lapse',     'cultivating', 'lapsed'),
        ('champion',    'lapse',     'asked',      'lapsed'),
        ('champion',    'lapse',     'supporting', 'lapsed'),
        ('departure',   'hand_over', 'planned',    'handed_over'),
        ('departure',   'cancel',    'planned',    'cancelled'),
        ('departure',   'introduce', 'handed_over', 'handed_over'),
        ('introduction_letter', 'send', 'draft',   'sent'),
        ('introduction_letter', 'skip', 'draft',   'skipped'),
        ('remedy',      'agree',     'waiting',    'sent'),
        ('remedy',      'cancel',    'waiting',    'cancelled'),
        ('complaint',   'resolve',   'open',       'resolved'),
        ('complaint',   'dismiss',   'open',       'dismissed'),
        ('complaint',   'reopen',    'resolved',   'open'),
        ('complaint',   'reopen',    'dismissed',  'open'),
        ('inquiry',     'assign',    'new',        'assigned'),
        ('inquiry',     'assign',    'assigned',   'assigned'),
        ('inquiry',     'answer',    'new',        'answered'),
        ('inquiry',     'answer',    'assigned',   'answered'),
        ('inquiry',     'convert',   'new',        'converted'),
        ('inquiry',     'convert',   'assigned',   'converted'),
        ('inquiry',     'convert',   'answered',   'converted'),
        ('inquiry',     'decline',   'new',        'declined'),
        ('inquiry',     'decline',   'assigned',   'declined'),
        ('inquiry',     'decline',   'answered',   'declined'),
        ('inquiry',     'discard',   'new',        'spam'),
        ('inquiry',     'discard',   'assigned',   'spam'),
        ('inquiry',     'discard',   'answered',   'spam'),
        ('inquiry',     'reopen',    'declined',   'new'),
        ('inquiry',     'reopen',    'spam',       'new'),
        ('roll_call',   'add',       'open',       'open'),
        ('roll_call',   'submit',    'open',       'submitted'),
        ('roll_call',   'confirm',   'submitted',  'confirmed'),
        ('roll_call',   'reopen',    'submitted',  'open'),
        ('roll_call',   'reopen',    'confirmed',  'open'),
        ('roll_call_change', 'apply', 'proposed',  'applied'),
        ('roll_call_change', 'dismiss', 'proposed', 'dismissed'),
        ('offer',       'withdraw',  'open',       'withdrawn'),
        ('offer',       'reopen',    'withdrawn',  'open'),
        ('partnership', 'align',     'exploring',  'aligning'),
        ('partnership', 'explore',   'aligning',   'exploring'),
        ('partnership', 'agree',     'aligning',   'agreement'),
        ('partnership', 'align',     'agreement',  'aligning'),
        ('partnership', 'activate',  'agreement',  'active'),
        ('partnership', 'pause',     'active',     'paused'),
        ('partnership', 'resume',    'paused',     'active'),
        ('partnership', 'renew',     'active',     'renewing'),
        ('partnership', 'activate',  'renewing',   'active'),
        ('partnership', 'pause',     'renewing',   'paused'), -- when it lapses, too
        ('partnership', 'end',       'renewing',   'ended'),
        ('partnership', 'end',       'paused',     'ended'),
        ('partnership', 'decline',   'exploring',  'declined'),
        ('partnership', 'decline',   'aligning',   'declined'),
        ('partnership', 'decline',   'agreement',  'declined'),
        ('partnership', 'reopen',    'ended',      'exploring'),
        ('partnership', 'reopen',    'declined',   'exploring'),
        ('agreement',   'submit',    'draft',      'review'),
        ('agreement',   'refer',     'review',     'board_approval'),
        ('agreement',   'approve',   'review',     'out_for_signature'), -- where no board is asked
        ('agreement',   'approve',   'board_approval', 'out_for_signature'),
        ('agreement',   'sign',      'out_for_signature', 'in_force'),
        ('agreement',   'expire',    'in_force',   'expired'),
        ('agreement',   'supersede', 'in_force',   'superseded'),
        ('agreement',   'terminate', 'in_force',   'terminated'),
        ('agreement',   'return',    'review',     'returned'),
        ('agreement',   'return',    'board_approval', 'returned'),
        ('agreement',   'return',    'out_for_signature', 'returned'),
        ('agreement',   'revise',    'returned',   'draft'),
        ('agreement',   'reject',    'review',     'rejected'),
        ('agreement',   'reject',    'board_approval', 'rejected'),
        ('agreement',   'withdraw',  'draft',      'withdrawn'),
        ('agreement',   'withdraw',  'review',     'withdrawn'),
        ('agreement',   'withdraw',  'board_approval', 'withdrawn'),
        ('agreement',   'withdraw',  'out_for_signature', 'withdrawn'),
        ('agreement',   'withdraw',  'returned',   'withdrawn'),
        ('agreement_step', 'approve', 'pending',   'approved'),
        ('agreement_step', 'return', 'pending',    'returned'),
        ('agreement_step', 'reject', 'pending',    'rejected'),
        ('site_plan',   'agree',     'draft',      'agreed'),
        ('site_plan',   'revise',    'agreed',     'draft'),
        ('site_plan',   'close',     'agreed',     'closed'),
        ('partnership_review', 'draft', 'due',     'drafting'),
        ('partnership_review', 'gather', 'drafting', 'drafting'),
        ('partnership_review', 'decide', 'drafting', 'decided'),
        ('partnership_review', 'approve', 'decided', 'approved'),
        ('partnership_review', 'return', 'decided', 'drafting'),
        ('funding_application', 'begin', 'planned', 'drafting'),
        ('funding_application', 'submit', 'drafting', 'submitted'),
        ('funding_application', 'award', 'submitted', 'awarded'),
        ('funding_application', 'decline', 'submitted', 'declined'),
        ('funding_application', 'withdraw', 'planned', 'withdrawn'),
        ('funding_application', 'withdraw', 'drafting', 'withdrawn'),
        ('funding_application', 'withdraw', 'submitted', 'withdrawn'),
        ('funding_application', 'reopen', 'declined', 'planned'),
        ('funding_application', 'reopen', 'withdrawn', 'planned'),
        ('example',     'share',     'draft',      'shared'),
        ('example',     'retire',    'shared',     'retired'),
        ('example',     'revise',    'shared',     'draft'),
        ('example',     'revise',    'retired',    'draft'),
        ('milestone',   'reach',     'open',       'reached'),
        ('milestone',   'drop',      'open',       'dropped'),
        ('milestone',   'miss',      'open',       'missed'),
        ('milestone',   'reach',     'missed',     'reached'),
        ('milestone',   'drop',      'missed',     'dropped'),
        ('milestone',   'reopen',    'missed',     'open'),
        ('milestone',   'reopen',    'reached',    'open'),
        ('milestone',   'reopen',    'dropped',    'open'),
        ('gift',        'accept',    'offered',    'accepted'),
        ('gift',        'refuse',    'offered',    'refused'),
        ('gift',        'withdraw',  'offered',    'withdrawn'),
        ('gift',        'receive',   'accepted',   'received'),
        ('gift',        'withdraw',  'accepted',   'withdrawn'),
        ('gift',        'invest',    'received',   'received'),
        ('gift',        'reopen',    'refused',    'offered'),
        ('gift',        'reopen',    'withdrawn',  'offered'),
        ('gift',        'acknowledge', 'received', 'received'),
        ('tax_document', 'issue',    'draft',      'issued'),
        ('tax_document', 'discard',  'draft',      'discarded'),
        ('tax_document', 'send',     'issued',     'sent'),
        ('tax_document', 'reissue',  'issued',     'replaced'),
        ('tax_document', 'reissue',  'sent',       'replaced'),
        ('bulletin',    'schedule',  'draft',      'scheduled'),
        ('bulletin',    'revise',    'scheduled',  'draft'),
        ('bulletin',    'send',      'scheduled',  'sent'),
        ('bulletin',    'cancel',    'draft',      'cancelled'),
        ('bulletin',    'cancel',    'scheduled',  'cancelled'),
        ('thank_you',   'send',      'draft',      'sent'),
        ('thank_you',   'give',      'draft',      'given'),
        ('thank_you',   'drop',      'draft',      'dropped'),
        ('thank_you',   'reopen',    'dropped',    'draft'),
        ('story',       'submit',    'draft',      'review'),
        ('story',       'return',    'review',     'draft'),
        ('story',       'approve',   'review',     'approved'),
        ('story',       'publish',   'approved',   'published'),
        ('story',       'withdraw',  'approved',   'withdrawn'),
        ('story',       'withdraw',  'published',  'withdrawn'),
        ('story',       'revise',    'withdrawn',  'draft'),
        ('priority',    'adopt',     'draft',      'adopted'),
        ('priority',    'revise',    'adopted',    'adopted'),
        ('priority',    'carry_over', 'adopted',   'adopted'),
        ('priority',    'carry_over', 'closed',    'closed'),
        ('priority',    'close',     'adopted',    'closed'),
        ('need',        'submit',    'draft',      'capacity_review'),
        ('need',        'review',    'capacity_review', 'capacity_review'),
        ('need',        'return',    'capacity_review', 'draft'),
        ('need',        'open',      'capacity_review', 'open'),
        ('need',        'meet',      'partly_matched', 'met'),
        ('need',        'meet',      'matched',    'met'),
        ('need',        'expire',    'open',       'expired'),
        ('need',        'expire',    'partly_matched', 'expired'),
        ('need',        'withdraw',  'draft',      'withdrawn'),
        ('need',        'withdraw',  'capacity_review', 'withdrawn'),
        ('need',        'withdraw',  'open',       'withdrawn'),
        ('need',        'withdraw',  'partly_matched', 'withdrawn'),
        ('need',        'withdraw',  'matched',    'withdrawn'),
        ('need',        'reopen',    'expired',    'draft'),
        ('need',        'reopen',    'withdrawn',  'draft'),
        ('displacement_review', 'decide', 'open',  'cleared'),
        ('displacement_review', 'decide', 'open',  'approval'),
        ('displacement_review', 'approve', 'approval', 'approved'),
        ('displacement_review', 'refuse', 'approval', 'refused'),
        ('displacement_review', 'reopen', 'cleared', 'open'),
        ('displacement_review', 'reopen', 'approved', 'open'),
        ('displacement_review', 'reopen', 'refused', 'open'),
        ('ask',         'submit',    'draft',      'draft'),
        ('ask',         'clear',     'draft',      'draft'),
        ('ask',         'hold',      'draft',      'draft'),
        ('ask',         'release',   'draft',      'draft'),
        ('ask',         'send',      'draft',      'sent'),
        ('ask',         'pledge',    'sent',       'pledged'),
        ('ask',         'pledge',    'talk',       'pledged'),
        ('ask',         'decline',   'sent',       'declined'),
        ('ask',         'decline',   'talk',       'declined'),
        ('ask',         'talk',      'sent',       'talk'),
        ('ask',         'talk',      'talk',       'talk'),
        ('ask',         'expire',    'sent',       'expired'),
        ('ask',         'acknowledge', 'declined', 'declined'),
        ('ask',         'withdraw',  'draft',      'withdrawn'),
        ('ask',         'withdraw',  'sent',       'withdrawn'),
        ('ask',         'withdraw',  'talk',       'withdrawn'),
        ('follow_up',   'complete',  'open',       'done'),
        ('follow_up',   'reopen',    'done',       'open'),
        ('pledge',      'accept',    'offered',    'accepted'),
        ('pledge',      'accept',    'waitlisted', 'accepted'),
        ('pledge',      'waitlist',  'offered',    'waitlisted'),
        ('pledge',      'decline',   'offered',    'declined'),
        ('pledge',      'decline',   'waitlisted', 'declined'),
        ('pledge',      'withdraw',  'offered',    'withdrawn'),
        ('pledge',      'withdraw',  'waitlisted', 'withdrawn'),
        ('pledge',      'deliver',   'accepted',   'partly_delivered'),
        ('pledge',      'deliver',   'accepted',   'delivered'),
        ('pledge',      'deliver',   'partly_delivered', 'partly_delivered'),
        ('pledge',      'deliver',   'partly_delivered', 'delivered'),
        ('pledge',      'fail',      'accepted',   'failed'),
        ('pledge',      'fail',      'partly_delivered', 'failed'),
        ('pledge',      'convert',   'accepted',   'accepted'),
        ('pledge',      'convert',   'partly_delivered', 'partly_delivered'),
        ('pledge',      'convert',   'delivered',  'delivered'),
        ('call_to_action', 'open',   'draft',      'open'),
        ('call_to_action', 'extend', 'open',       'extended'),
        ('call_to_action', 'extend', 'extended',   'extended'),
        ('call_to_action', 'allocate', 'open',     'open'),
        ('call_to_action', 'allocate', 'extended', 'extended'),
        ('call_to_action', 'close',  'open',       'closed'),
        ('call_to_action', 'close',  'extended',   'closed'),
        ('call_to_action', 'cancel', 'draft',      'cancelled'),
        ('call_to_action', 'cancel', 'open',       'cancelled'),
        ('call_to_action', 'cancel', 'extended',   'cancelled'),
        ('portfolio_review', 'hold', 'planned',    'held'),
        ('portfolio_review', 'close', 'held',      'closed'),
        ('portfolio_decision', 'complete', 'open', 'done'),
        ('portfolio_decision', 'reopen', 'done',   'open'),
        ('convening',   'refresh',   'planned',    'planned'),
        ('convening',   'refresh',   'invited',    'invited'),
        ('convening',   'invite',    'planned',    'invited'),
        ('convening',   'invite',    'invited',    'invited'),
        ('convening',   'attend',    'invited',    'invited'),
        ('convening',   'attend',    'held',       'held'),
        ('convening',   'hold',      'planned',    'held'),
        ('convening',   'hold',      'invited',    'held'),
        ('convening',   'apply',     'held',       'held'),
        ('convening',   'apply',     'closed',     'closed'),
        ('convening',   'introduce', 'held',       'held'),
        ('convening',   'introduce', 'closed',     'closed'),
        ('convening',   'close',     'held',       'closed'),
        ('convening',   'reopen',    'closed',     'held'),
        ('convening',   'cancel',    'planned',    'cancelled'),
        ('convening',   'cancel',    'invited',    'cancelled'),
        ('convening_plan', 'commit', 'draft',      'committed'),
        ('convening_decision', 'apply', 'open',    'applied'),
        ('convening_decision', 'drop', 'open',     'dropped'),
        ('investment',  'deliver',   'pledged',    'delivered'),
        ('investment',  'cancel',    'pledged',    'cancelled'),
        ('school_year', 'thank',     'open',       'open'),
        ('school_year', 'thank',     'closed',     'closed'),
        ('school_year', 'open',      'planned',    'open'),
        ('school_year', 'close',     'open',       'closed'),
        ('school_year', 'reopen',    'closed',     'open'),
        ('policy',      'adopt',     'draft',      'in_force'),
        ('policy',      'retire',    'in_force',   'retired'),
        ('site_vision', 'adopt',     'draft',      'adopted'),
        ('site_vision', 'retire',    'adopted',    'retired'),
        ('survey',      'schedule',  'draft',      'scheduled'),
        ('survey',      'open',      'draft',      'open'),
        ('survey',      'open',      'scheduled',  'open'),
        ('survey',      'pause',     'open',       'paused'),
        ('survey',      'resume',    'paused',     'open'),
        ('survey',      'close',     'open',       'closed'),
        ('survey',      'close',     'paused',     'closed'),
        ('survey',      'reopen',    'closed',     'open'),
        ('survey',      'cancel',    'draft',      'cancelled'),
        ('survey',      'cancel',    'scheduled',  'cancelled'),
        ('survey',      'cancel',    'open',       'cancelled'),
        ('survey',      'cancel',    'paused',     'cancelled'),
        ('check_in',    'open',      'scheduled',  'open'),
        ('check_in',    'complete',  'open',       'complete'),
        ('check_in',    'close',     'open',       'closed_partial'),
        ('check_in',    'close',     'open',       'missed'),
        ('check_in',    'skip',      'scheduled',  'skipped'),
        ('check_in',    'skip',      'open',       'skipped'),
        ('check_in',    'cancel',    'scheduled',  'cancelled'),
        ('check_in',    'cancel',    'open',       'cancelled'),
        ('check_in',    'reopen',    'complete',   'open'),
        ('check_in',    'reopen',    'closed_partial', 'open'),
        ('check_in',    'reopen',    'missed',     'open'),
        ('check_in',    'reopen',    'skipped',    'open'),
        ('check_in',    'reopen',    'cancelled',  'open'),
        ('check_in',    'save_half', 'open',       'open'),
        ('check_in',    'submit_half', 'open',     'open'),
        ('check_in',    'confirm',   'open',       'open'),
        ('check_in',    'confirm',   'complete',   'complete'),
        ('check_in',    'confirm',   'closed_partial', 'closed_partial'),
        ('check_in',    'dispute',   'open',       'open'),
        ('check_in',    'dispute',   'complete',   'complete'),
        ('check_in',    'dispute',   'closed_partial', 'closed_partial'),
        ('action_item', 'complete',  'open',       'done'),
        ('action_item', 'reopen',    'done',       'open'),
        ('call_task',   'complete',  'open',       'done'),
        ('call_task',   'reopen',    'done',       'open'))
        AS t (resource, action, from_status, to_status);
END;

-- The status that the action leads to.
CREATE OR REPLACE FUNCTION transition(p_resource text, p_action text, p_status text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    next_status text;
BEGIN
    SELECT t.to_status INTO next_status FROM transitions() t
    WHERE t.resource = p_resource AND t.action = p_action AND t.from_status = p_status;
    IF next_status IS NULL THEN
        PERFORM refuse_state(
            format('It is %s, so that this is not possible.', replace(p_status, '_', ' ')),
            jsonb_build_object('status', p_status, 'possible', (
                SELECT coalesce(jsonb_agg(DISTINCT t.action), '[]') FROM transitions() t
                WHERE t.resource = p_resource AND t.from_status = p_status)));
    END IF;
    RETURN next_status;
END
$$;

-- Makes the function of each of some actions that only move a row: <resource>_move does it, and is told the action and what
-- else there is to say.
CREATE OR REPLACE FUNCTION make_moves(p_resource text, p_verbs text[], p_parameters text, p_rest text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    verb text;
BEGIN
    FOREACH verb IN ARRAY p_verbs LOOP
        EXECUTE format(
            'CREATE OR REPLACE FUNCTION %1$s_%2$s(p_id uuid, p_version bigint%3$s) RETURNS void
             LANGUAGE sql RETURN %1$s_move(p_id, p_version, %2$L, %4$s)', p_resource, verb, p_parameters, p_rest);
    END LOOP;
END
$$;

-- What a change of status is called in its event: the action's past participle. NULL: the change is
-- no transition. Of several actions between the same two it is the first.
CREATE OR REPLACE FUNCTION transition_event(p_resource text, p_from text, p_to text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN (SELECT CASE min(t.action)
                   WHEN 'apply' THEN 'applied'
                   WHEN 'bar' THEN 'barred'
                   WHEN 'begin' THEN 'begun'
                   WHEN 'vet' THEN 'vetted'
                   WHEN 'verify' THEN 'verified'
                   WHEN 'cancel' THEN 'cancelled'
                   WHEN 'give' THEN 'given'
                   WHEN 'commit' THEN 'committed'
                   WHEN 'drop' THEN 'dropped'
                   WHEN 'hand_over' THEN 'handed_over'
                   WHEN 'hold' THEN 'held'
                   WHEN 'meet' THEN 'met'
                   WHEN 'miss' THEN 'missed'
                   WHEN 'refer' THEN 'referred'
                   WHEN 'send' THEN 'sent'
                   WHEN 'skip' THEN 'skipped'
                   WHEN 'submit' THEN 'submitted'
                   WHEN 'withdraw' THEN 'withdrawn'
                   ELSE min(t.action) || CASE WHEN min(t.action) LIKE '%e' THEN 'd' ELSE 'ed' END
               END
        FROM transitions() t
        WHERE t.resource = p_resource AND t.from_status = p_from AND t.to_status = p_to
          AND p_from <> p_to -- what stays as it is was changed, not moved
        HAVING count(*) > 0);

-- What may be missing for an action: the code that clients know, and a sentence for people. What an
-- action needs of them, <resource>_missing(id, action) says; what another partner than its own lacks has that
-- one's id behind a colon.
CREATE OR REPLACE FUNCTION requirements()
RETURNS TABLE (resource text, code text, sentence text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('roll_call',   'marks',            'A partner that is listed is not marked.'),
        ('departure',   'receiver',         'Something that is carried has nobody who takes it over.'),
        ('departure',   'receiver_gone',    'Somebody who is to take something over is not there any more.'),
        ('partner',     'owner',            'Nobody at the district cares for it.'),
        ('partnership', 'lead_district',    'Nobody leads it today on the district''s side.'),
        ('partnership', 'lead_partner',     'Nobody leads it today on the partner''s side.'),
        ('partnership', 'purpose',          'Its purpose is not written.'),
        ('partnership', 'vision',           'The shared vision is not written.'),
        ('partnership', 'vision_district',  'The district has not acknowledged the vision.'),
        ('partnership', 'vision_partner',   'The partner has not acknowledged the vision.'),
        ('partnership', 'expectations',     'The expectations are not written.'),
        ('partnership', 'processes',        'The processes are not written.'),
        ('partnership', 'desired_outcomes', 'The desired outcomes are not written.'),
        ('partnership', 'goal',             'It has no goal.'),
        ('partnership', 'goal_district',    'The district has not acknowledged a goal.'),
        ('partnership', 'goal_partner',     'The partner has not acknowledged a goal.'),
        ('partnership', 'agreement',        'No agreement that is in force today covers it.'),
        ('partnership', 'data_addendum',
         'Data flows to the partner, and the agreement does not say on what basis and for what.'),
        ('partnership', 'checklist',        'Required items of the agreement are not settled.'),
        ('partnership', 'displacement',
         'It is not cleared that nobody''s work is displaced, or approved although it is.'),
        ('partnership', 'partner',          'A partner of it is barred, or was declined.'),
        ('partnership', 'gate_due',         'No day is set by which it has to have what activating asks for.'),
        ('partnership', 'credential_liability_insurance', 'No liability insurance that the district asks for holds today.'),
        ('partnership', 'credential_clearance_attestation', 'Nobody attests that the partner''s people are cleared.'),
        ('partnership', 'credential_w9',    'No W-9 was verified.'),
        ('partnership', 'credential_nonprofit_status', 'No proof of nonprofit status holds today.'),
        ('partnership', 'credential_license', 'No license holds today.'),
        ('partnership', 'credential_data_security', 'No attestation of data security holds today.'),
        ('milestone',   'due_on',           'The day by which it is due is not as this needs it.'),
        ('agreement',   'steps',            'A step of the review has not approved it.'),
        ('partnership_review', 'quality',   'Its quality is not rated.'),
        ('partnership_review', 'sustainability', 'Its sustainability is not rated.'),
        ('partnership_review', 'findings',  'Its findings are not written.'),
        ('placement',   'annual_cost',      'It does not say what a full post costs.'),
        ('priority',    'carried',          'It was carried over already.'),
        ('need',        'capacity',         'Nobody has looked whether the district has it itself.'),
        ('need',        'capacity_available', 'The district has it itself.'),
        ('need',        'displacement',
         'It is not cleared that nobody''s work is displaced, or approved although it is.'),
        ('need',        'needed_by',        'The day by which it is needed is not over.'),
        ('need',        'needed_by_over',   'The day by which it is needed is over.'),
        ('need',        'pledges',          'Pledges that were accepted are still to come.'),
        ('ask',         'need',             'The need is not open.'),
        ('ask',         'partner',          'The partner is barred, has declined, or is archived.'),
        ('ask',         'owner',            'The partner''s owner, or where it has none a director, has not seen it yet.'),
        ('ask',         'held',             'The partner''s owner holds it.'),
        ('ask',         'limit',            'As many asks as the district allows wait for this partner''s answer.'),
        ('ask',         'asked',            'The partner is asked for this need already.'),
        ('ask',         'respond_by_over',  'The day by which it asks for an answer is over.'),
        ('ask',         'respond_by',       'The day by which an answer was asked for is not over.'),
        ('pledge',      'need',             'The need is not open.'),
        ('pledge',      'partner',          'The partner is barred, or is archived.'),
        ('pledge',      'room',             'The need lacks less than this.'),
        ('pledge',      'partnership',      'It has become a partnership already.'),
        ('gift',        'partner',          'The partner is barred.'),
        ('gift',        'value',            'It does not say what it is worth.'),
        ('gift',        'principal',        'The principal accepts gifts of this amount.'),
        ('gift',        'department_head',  'The head of the department accepts gifts of this amount.'),
        ('gift',        'director',         'The director accepts gifts of this amount.'),
        ('gift',        'superintendent',   'The superintendent accepts gifts of this amount.'),
        ('gift',        'board',            'The board accepts gifts of this amount: say on which day, and in which item.'),
        ('gift',        'partnership',      'It is no partnership''s.'),
        ('gift',        'invested',         'It is an investment already.'),
        ('gift',        'tax_kind',
         'Services, staff time and the use of space are thanked for, and get no letter for taxes.'),
        ('gift',        'tax_amount',
         'A single contribution below $250 gets no letter for taxes, unless it was partly for something in return.'),
        ('gift',        'return_value',     'It does not say what goods or services in return are worth.'),
        ('gift',        'donee_ein',        'The donee''s Employer Identification Number is not written.'),
        ('gift',        'letter',           'Its letter was issued already: that one is issued anew.'),
        ('tax_document', 'donee_ein',       'The donee''s Employer Identification Number is not written.'),
        ('tax_document', 'contact',         'It does not say which contact gets it.'),
        ('bulletin',    'needs',            'No open need that the public may read of is among what it tells of.'),
        ('bulletin',    'words',            'It has words in double braces, which nobody fills in.'),
        ('thank_you',   'contact',          'It does not say which contact is thanked.'),
        ('thank_you',   'words',            'It still has words in double braces: write what stands there.'),
        ('story',       'subject',          'It is about no partnership and no site.'),
        ('story',       'release',          'It shows people, and not for each of them a release is on file.'),
        ('story',       'alt_text',         'A picture has no description for those who cannot see it.'),
        ('story',       'consent',          'A partner that it is about has not consented.'),
        ('school_year', 'check_ins',        'A check-in of the year is not over.'),
        ('site_vision', 'family',           'No family is among its authors.'),
        ('call_to_action', 'deadline',      'Its deadline is over.'),
        ('convening',   'to_come',          'It has begun already.'),
        ('convening',   'begun',            'It has not begun.'),
        ('convening',   'notes',            'What was said is not written.'),
        ('convening',   'attendance',       'Nobody has written down who came.'),
        ('portfolio_review', 'findings',    'What was found is not written.'),
        ('portfolio_review', 'decision',    'Nothing was decided.'),
        ('agreement',   'text',             'It has neither a text nor a document.'),
        ('agreement',   'effective_on',     'It does not say from when it is in force.'),
        ('agreement',   'expires_on',       'Its last day is not over.'),
        ('agreement',   'amount',           'It does not say what it is about in money: 0 for none.'),
        ('agreement',   'principal',        'A principal signs agreements of this kind and amount.'),
        ('agreement',   'department_head',  'The head of a department signs agreements of this kind and amount.'),
        ('agreement',   'document',         'Its document is an address: by name only a text or a file that is kept here is signed.'),
        ('agreement',   'director',         'A director signs agreements of this kind and amount.'),
        ('agreement',   'superintendent',   'The superintendent signs agreements of this kind and amount.'),
        ('agreement',   'board',            'The board decides on agreements of this kind and amount: say on which day, and in which item.'),
        ('agreement',   'board_on',         'It does not say when the board meets on it.'),
        ('agreement',   'board_item',       'It does not say which item of the board''s agenda it is.'),
        ('agreement',   'board_approval',   'An executive decides where the board does.'),
        ('agreement',   'successor',        'No agreement that is in force takes its place.'))
        AS r (resource, code, sentence);
END;

-- Refuses an action for what is missing, if anything is.
CREATE OR REPLACE FUNCTION refuse_missing(p_resource text, p_status text, p_missing text[])
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_missing <> '{}' THEN
        PERFORM refuse_state(
            (SELECT string_agg(coalesce(o.name || ': ', '') || r.sentence, ' ' ORDER BY m.place)
             FROM unnest(p_missing) WITH ORDINALITY AS m (code, place)
             JOIN requirements() r ON r.resource = p_resource AND r.code = split_part(m.code, ':', 1)
             LEFT JOIN partner o ON o.id = nullif(split_part(m.code, ':', 2), '')::uuid),
            jsonb_strip_nulls(jsonb_build_object('status', p_status, 'missing', p_missing)));
    END IF;
END
$$;

-- A trigger's: what is no draft any more stays as it was.
CREATE OR REPLACE FUNCTION refuse_past_draft() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_state('Only a draft is changed.', jsonb_build_object('status', OLD.status));
    RETURN NEW; -- a person is being erased
END
$$;

REVOKE EXECUTE ON FUNCTION is_erasing, is_unguarded, serving_put, make_moves, refuse_past_draft, refuse_state, refuse_field, lock_row, transitions, transition,
    transition_event, requirements, refuse_missing FROM PUBLIC;
GRANT EXECUTE ON FUNCTION serving_put TO kith_api;
GRANT EXECUTE ON FUNCTION is_erasing, is_unguarded, refuse_state, refuse_field, lock_row, transitions, transition, requirements,
    refuse_missing TO kith_api, kith_checkin, kith_survey, kith_kpi, kith_mailer;

RESET ROLE;
