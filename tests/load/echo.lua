-- wrk's POST /echo: one kilobyte of JSON, as an API's requests are.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"note":"' .. string.rep("a partner of the district ", 39) .. '"}'
