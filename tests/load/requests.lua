-- wrk's requests, made before it measures, so that Lua costs little while it does:
--
--     wrk -s requests.lua URL -- get TOKEN PREFIX FIRST LAST    ids are PREFIX and a number
--     wrk -s requests.lua URL -- list TOKEN QUERY
--     wrk -s requests.lua URL -- dashboard TOKEN QUERY
--     wrk -s requests.lua URL -- post TOKEN RUN COUNT BODY     RUN makes the keys this run's own
local requests = {}
local sent = 0
local may_repeat = true

local function get(headers, prefix, first, last)
    for i = 1, 20000 do
        local number = math.random(tonumber(first), tonumber(last))
        requests[i] = wrk.format("GET", "/v1/partners/" .. prefix .. number, headers)
    end
end

local function list(headers, query)
    requests[1] = wrk.format("GET", "/v1/partners?" .. query, headers)
end

local function dashboard(headers, query)
    requests[1] = wrk.format("GET", "/v1/dashboard?" .. query, headers)
end

local function post(headers, run, count, body)
    headers["Content-Type"] = "application/json"
    may_repeat = false
    for i = 1, tonumber(count) do
        headers["Idempotency-Key"] = string.format('"%s-%08d"', run, i)
        requests[i] = wrk.format("POST", "/v1/partners", headers, body)
    end
end

local makers = {get = get, list = list, dashboard = dashboard, post = post}

function init(args)
    math.randomseed(1)
    makers[args[1]]({Host = wrk.headers["Host"], Authorization = "Bearer " .. args[2]},
                    args[3], args[4], args[5])
end

function request()
    sent = sent + 1
    if sent > #requests then
        if not may_repeat then
            error("more requests than were made")
        end
        sent = 1
    end
    return requests[sent]
end
