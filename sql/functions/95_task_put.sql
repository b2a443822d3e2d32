-- One door for all links: what a form says goes to the function of its purpose.

SET ROLE kith_owner;

-- What the form of that verb does. errors: what is wrong with it (then some of it may be kept all the
-- same: what was typed is not lost); said: what to tell; next: the page to go to.
CREATE OR REPLACE FUNCTION task_put(
    p_verb text, p_form jsonb, OUT errors jsonb, OUT said text, OUT next text)
LANGUAGE plpgsql AS $$
BEGIN
    IF task_is_passed_on() THEN
        PERFORM refuse_state('It was passed on to a colleague.', '{"status": "passed_on"}');
    END IF;
    IF p_verb LIKE 'survey\_%' THEN -- hundreds a second: each verb of an expression costs its function's look-up
        errors := task_survey_do(p_verb, p_form);
        said := p_verb;
        next := task_survey_next(p_verb, p_form);
        RETURN;
    END IF;
    errors := CASE p_verb
        WHEN 'check_in_save' THEN task_half_put(p_form, false)
        WHEN 'check_in_send' THEN task_half_put(p_form, true)
        WHEN 'check_in_confirm' THEN task_half_judge('confirm', p_form)
        WHEN 'check_in_dispute' THEN task_half_judge('dispute', p_form)
        WHEN 'check_in_own' THEN task_behalf_confirm()
        WHEN 'snooze' THEN CASE WHEN (SELECT t.purpose FROM task() t) = 'check_in' THEN task_snooze(p_form)
                                ELSE task_mail_snooze(p_form) END
        WHEN 'goal_settle' THEN task_goal_settle(p_form)
        WHEN 'readiness_rate' THEN task_readiness_rate(p_form)
        WHEN 'site_rate' THEN task_site_rate(p_form)
        WHEN 'action_add' THEN task_action_add(p_form)
        WHEN 'action_done' THEN task_action_done(p_form)
        WHEN 'agreement_acknowledge' THEN task_agreement_acknowledge(p_form)
        WHEN 'agreement_sign' THEN task_agreement_sign(p_form)
        WHEN 'investment_confirm' THEN task_investment_judge('confirmed', p_form)
        WHEN 'investment_dispute' THEN task_investment_judge('disputed', p_form)
        WHEN 'record_save' THEN task_record_put(p_form)
        WHEN 'record_rate' THEN task_readiness_rate(p_form)
        WHEN 'offer_add' THEN task_keep(p_verb, p_form)
        WHEN 'offer_save' THEN task_keep(p_verb, p_form)
        WHEN 'offer_end' THEN task_keep(p_verb, p_form)
        WHEN 'program_save' THEN task_keep(p_verb, p_form)
        WHEN 'person_add' THEN task_keep(p_verb, p_form)
        WHEN 'person_save' THEN task_keep(p_verb, p_form)
        WHEN 'person_end' THEN task_keep(p_verb, p_form)
        WHEN 'credential_send' THEN task_credential_send(p_form)
        WHEN 'acknowledgment_give' THEN task_acknowledgment_give(p_form)
        WHEN 'ask_pledge' THEN task_ask_answer('pledge', p_form)
        WHEN 'ask_decline' THEN task_ask_answer('decline', p_form)
        WHEN 'ask_talk' THEN task_ask_answer('talk', p_form)
        WHEN 'convening_answer' THEN task_convening_answer(p_form)
        WHEN 'consent_give' THEN task_story_answer(true, p_form)
        WHEN 'consent_decline' THEN task_story_answer(false, p_form)
        WHEN 'training_register' THEN task_training_answer(true)
        WHEN 'training_withdraw' THEN task_training_answer(false)
        WHEN 'preferences_save' THEN task_preferences_put(p_form)
        WHEN 'tell' THEN task_hand_over(p_form)
        WHEN 'preferences_none' THEN '[]'
        WHEN 'preferences_some' THEN '[]' END;
    IF p_verb IN ('preferences_none', 'preferences_some') THEN
        PERFORM task_opt_out('all', p_verb = 'preferences_none', 'link');
    END IF;
    IF errors = '[]' AND p_verb = 'record_save' THEN
        PERFORM task_mail_done();
    END IF;
    said := CASE WHEN errors = '[]' AND task_is_passed_on() THEN 'passed_on' ELSE p_verb END;
    next := CASE p_verb WHEN 'check_in_save' THEN '/edit' ELSE '' END;
END
$$;

REVOKE EXECUTE ON FUNCTION task_put FROM PUBLIC;
GRANT EXECUTE ON FUNCTION task_put TO kith_api;

RESET ROLE;
