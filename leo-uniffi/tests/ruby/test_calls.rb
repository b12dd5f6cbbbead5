require "shop"
require "timeout"

# Calls wait for their threads alone; other threads go on.
class TestCalls < Shop
  def test_a_question
    answer = Leo.sample.ask("revenue by month in 2024", AskOptions.new(max_rows: 5))
    assert_equal Status::ANSWERED, answer.status
    assert_equal [5, true], [answer.row_count, answer.truncated]
    assert_equal answer.to_text, answer.to_s
    assert_includes answer.to_html, "<section"
    assert_includes answer.chart(ChartForm::VEGA_LITE), "$schema"
    assert answer.svg.start_with?("<svg")
    assert_equal "2024-01", answer.table.cell(0, 0).value
    assert_nil answer.table.cell(9, 0)
    assert_equal "\xFF\xFF\xFF\xFF".b, answer.table.to_ipc[0, 4].b
    assert answer.table.to_csv(CsvOptions.new(header: false)).start_with?("2024-01,")
  end

  def test_errors_by_kind
    leo = Leo.open(@shop)
    refused = assert_raises(LeoError::Rejected) { leo.sql("DELETE FROM orders") }
    refute_empty JSON.parse(refused.info.findings)
    assert_equal %w[config not_found], [error { Leo.open("gopher://x") }[0], error { Leo.open(File.join(@folder, "no.db")) }[0]]
    assert_equal ["config", "`ask` has no option `max_row`; did you mean `max_rows`?"],
                 error { leo.call("ask", '{"question": "q", "max_row": 1}') }
    assert_equal ["config", "`settings` of `ask` is no JSON; look at line 1, column 2 of it"],
                 error { leo.ask("q", AskOptions.new(settings: "{s3cret")) }
    assert_raises(TypeError) { leo.ask(7) }
    assert_raises(RangeError) { leo.ask("q", AskOptions.new(max_rows: -1)) }
    assert_raises(ArgumentError) { AskOptions.new(max_row: 1) }
    assert_raises(LeoError::Unsupported) { leo.ask("What is the meaning of life?").raise_for_status }
    leo.close
    assert_equal "closed", error { leo.ask("how many orders?") }[0]
  end

  def test_threads_ask_at_once
    leo = Leo.open(@shop)
    found = Array.new(8) { Thread.new { rows(leo.ask("how many orders?")) } }.map(&:value)
    assert_equal [[[3]]] * 8, found
  end

  def test_a_timeout_ends_the_statement
    leo = numbers
    assert_raises(Timeout::Error) { Timeout.timeout(0.5) { leo.sql(SLOW, SqlOptions.new(timeout_ms: 60_000)) } }
    sleep 0.5
    busy = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
    sleep 0.5
    assert_operator Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) - busy, :<, 0.25
  end

  def test_streams
    leo = Leo.sample
    stream = leo.ask_stream("How many customers do we have?")
    events = []
    while (event = stream.next)
      events << event
    end
    assert events.first.started? && events.first.stage == "authorise"
    assert events.last.answer?
    assert_equal 1, events.last.answer.row_count
    batches = leo.sql_stream("SELECT customer_id FROM customers", SqlOptions.new(max_rows: 2000))
    count = 0
    while (table = batches.next)
      count += table.row_count
    end
    assert_equal 2000, count
    slow = numbers.sql_stream(TRICKLE, SqlOptions.new(max_rows: 20_000, timeout_ms: 60_000))
    assert_operator slow.next.row_count, :>, 0
    waiting = Thread.new { slow.next }
    sleep 0.2
    slow.close
    assert_nil waiting.value
  end
end
