require "shop"

# Everybody sees the orders of their own region.
class ByRegion
  def authorize(ctx, _request)
    unless JSON.parse(ctx)["roles"].include?("member")
      raise Askleo::LeoError::Denied.new(info: Askleo::ErrorInfo.new(message: "ask Ada for access"))
    end

    '{"tables": {"orders": {"row_filter": "region = :region"}}}'
  end
end

# Parts of the host's own, written in Ruby; each call is made on a thread of its own.
class TestParts < Shop
  def test_a_policy_of_the_hosts_own
    sink = Sink.new
    leo = tenants(authorizer: ByRegion.new, audit: sink)
    nora = kept leo.for_user(UserContext.new(tenant: "acme", user: "nora", roles: ["member"], attributes: '{"region": "north"}'))
    assert_equal [[1], [3]], rows(nora.sql("SELECT id FROM orders ORDER BY id"))
    eve = kept leo.for_user(UserContext.new(tenant: "acme", user: "eve"))
    assert_equal ["denied", "ask Ada for access"], (error { eve.ask("how many orders?") })
    assert_includes sink.events.map { |event| event["user"] }, "nora"
  end

  def refused(options = {}, &block)
    authorizer = Object.new
    authorizer.define_singleton_method(:authorize) { |_ctx, _request| block.call }
    error { user(options, authorizer: authorizer).ask("how many orders?") }
  end

  def test_what_a_part_raises_is_not_told_further
    assert_equal ["adapter", "`authorize` of the host failed; what it raised is not told further"], (refused { raise "s3cret" })
    assert_equal "adapter", (refused { 7 })[0]
    assert_equal "what `authorize` of the host returned is not JSON", (refused { "s3cret" })[1]
    busy = LeoError::RateLimited.new(info: ErrorInfo.new(message: "ask again in a minute"))
    assert_equal ["rate_limited", "ask again in a minute"], (refused { raise busy })
  end

  def test_a_part_that_never_ends_is_given_up
    begun = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    kind, message = refused({ adapter_timeout_ms: 200 }) { sleep }
    assert_equal "timeout", kind
    assert_includes message, "`authorize` of the host gave no answer within 200 ms"
    assert_operator Process.clock_gettime(Process::CLOCK_MONOTONIC) - begun, :<, 5
  end

  def test_what_cannot_be_a_part
    assert_raises(TypeError) { tenants(authorizer: Object.new) }
  end

  def test_a_clock_says_what_today_is
    clock = Object.new
    asked = 0
    clock.define_singleton_method(:now) do
      asked += 1
      "2024-02-20T12:00:00Z"
    end
    assert_equal [[3]], rows(kept(Leo.open(@shop, nil, Parts.new(clock: clock))).ask("how many orders?"))
    assert_operator asked, :>, 0
  end
end
