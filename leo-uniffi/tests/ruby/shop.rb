# What the tests share: the vectors, and a shop with parts of its own.

require "askleo"
require "fileutils"
require "io/wait"
require "json"
require "minitest/autorun"
require "tmpdir"

ROOT = File.expand_path("../../..", __dir__)
VECTORS = File.join(ROOT, "tests", "vectors")
SURFACE = JSON.parse(File.read(File.join(VECTORS, "surface.json")))
OUTCOMES = JSON.parse(File.read(File.join(VECTORS, "outcomes.json")))

# A statement on the numbers that takes minutes, and one whose first rows come at once, and then none for minutes.
SLOW = "SELECT max(a.n + b.n * c.n) FROM numbers a CROSS JOIN numbers b CROSS JOIN numbers c".freeze
TRICKLE = "SELECT a.n FROM numbers a CROSS JOIN numbers b CROSS JOIN numbers c " \
          "WHERE a.n = 1 AND b.n < 11 OR a.n + b.n + c.n > 2969".freeze

ORDERS = "id,region,amount\n1,north,12.5\n2,south,7.25\n3,north,0.1\n".freeze

# The stable name of an error's kind, from the class that it is.
def kind(error)
  error.class.name.split("::").last.gsub(/(?<!^)([A-Z])/, '_\1').downcase
end

def rows(answer)
  JSON.parse(answer.table.rows)
end

# Keeps what it is told.
class Sink
  attr_reader :events

  def initialize
    @events = []
  end

  def append(events)
    @events.concat(JSON.parse(events))
  end

  def flush; end
end

# Shows everything to everybody.
class Everything
  def authorize(_ctx, _request)
    "{}"
  end
end

class Shop < Minitest::Test
  include Askleo

  def setup
    @folder = Dir.mktmpdir
    @shop = File.join(@folder, "orders.csv")
    File.write(@shop, ORDERS)
    # A handle with parts is kept: what UniFFI generates cannot let go of parts while garbage is collected.
    @@kept ||= []
  end

  # A handle on numbers from 1 to 990.
  def numbers
    file = File.join(@folder, "numbers.csv")
    File.write(file, "n\n#{(1..990).to_a.join("\n")}\n")
    Leo.open(file, OpenOptions.new(settings: '{"guard": {"row_cap": 20000}}'))
  end

  def teardown
    FileUtils.rm_rf(@folder)
  end

  # A handle for tenants and users.
  def tenants(options = {}, **parts)
    sources = [SourceOptions.new(place: @shop, id: "shop", execution: true)]
    parts = { audit: Sink.new, authorizer: Everything.new }.merge(parts)
    kept Leo.build(BuildOptions.new(sources: sources, **options), Parts.new(**parts))
  end

  def kept(leo)
    @@kept << leo
    leo
  end

  def user(options = {}, **parts)
    kept tenants(options, **parts).for_user(UserContext.new(tenant: "acme", user: "ada"))
  end

  # Kind and message of the error that comes.
  def error
    yield
    flunk "there is no error"
  rescue StandardError => e
    raise unless e.class.name.start_with?("Askleo::LeoError::")

    [kind(e), e.info.message]
  end
end
