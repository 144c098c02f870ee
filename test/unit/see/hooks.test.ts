import { CONTEXT, TEMPLATE, told, translated } from './see-files';

const GRAPHICS = { 'domain.xml': TEMPLATE.replace('</devices>', "<graphics type='vnc'/></devices>") };
const read = (document: unknown, without: readonly string[] = []) => translated(CONTEXT, { hooks: document, without, files: GRAPHICS });
const one = (name: string, configuration: object, general: object = {}) => read({ configuration: general, hooks: [{ name, configuration }] });

describe("a hooks configuration of SEE's", () => {
  it.each<[string, unknown, readonly { export: string; config: object }[]]>([
    ['nothing', {}, []],
    ['timers', { hooks: [{ name: 'plugins.timers.TimersHook', configuration: { timers: { poke: 1.5, later: 90 } } }] }, [{ export: 'Timers', config: { timers: { poke: '1500ms', later: '90s' } } }]],
    ['timers as of old', { hooks: [{ name: 'plugins.timers.TimersHook', configuration: { timers: { 30: 'poke' } } }] }, [{ export: 'Timers', config: { timers: { poke: '30s' } } }]],
    ['screens, of one event', { hooks: [{ name: 'mine.hooks.ScreenHook', configuration: { screenshot_on_event: 'poke' } }] }, [{ export: 'Screenshots', config: { on: ['poke'] } }]],
    ['screens, of several', { hooks: [{ name: 'plugins.screen.ScreenHook', configuration: { screenshot_on_event: ['a', 'b', 'a'] } }] }, [{ export: 'Screenshots', config: { on: ['a', 'b'] } }]],
    ['memory, plural and singular', { hooks: [{ name: 'plugins.memory.MemoryHook', configuration: { memory_snapshots_on_event: 'a', memory_snapshot_on_event: ['b'], delete_snapshots: true } }] }, [{ export: 'MemoryDump', config: { on: ['a', 'b'] } }]],
    ['commands', { hooks: [{ name: 'plugins.commands.CommandsHook', configuration: { 'agent-port': 8080, 'agent-host': '10.0.0.2' } }] }, [{ export: 'SeeAgent', config: { port: 8080, host: '10.0.0.2' } }]],
    ['a trace', { hooks: [{ name: 'plugins.network.NetworkTracerHook', configuration: { start_trace_on_event: 'a', stop_trace_on_event: 'b', trace_limit: 100, delete_trace_file: true } }] }, [{ export: 'NetworkTrace', config: { start: 'a', stop: 'b', limit: 100_000 } }]],
    ['checkpoints', { hooks: [{ name: 'plugins.disk.DiskCheckPointHook', configuration: { checkpoint_on_event: ['a', 'b'], delete_checkpoints: false, rebase: true } }] }, [{ export: 'DiskCheckpoint', config: { on: ['a', 'b'] } }]],
    ['a trace without an end', { hooks: [{ name: 'plugins.network.NetworkTracerHook', configuration: { start_trace_on_event: 'a' } }] }, []],
    ['the wrapping of the manual', { hooks: { configuration: { 'agent-port': 80 }, hooks: [{ name: 'plugins.commands.CommandsHook' }] } }, [{ export: 'SeeAgent', config: { port: 80 } }]],
    ['a hook that names no event', { hooks: [{ name: 'plugins.screen.ScreenHook' }] }, []],
  ])('with %s', (_, document, expected) => {
    const translation = read(document);
    expect(told(translation)).toEqual([]);
    expect(translation.declaration?.hooks.map(({ export: name, config }) => ({ export: name, config }))).toEqual(expected);
  });

  it.each<[string, unknown, string[]]>([
    ['null for a list', { hooks: null }, ['SEE_INVALID hooks.json: hooks']],
    ['text for a hook', { hooks: ['plugins.screen.ScreenHook'] }, ['SEE_INVALID hooks.json: hooks.0']],
    ['a hook without a name', { hooks: [{ configuration: {} }] }, ['SEE_INVALID hooks.json: hooks.0.name']],
    ['null for a configuration', { hooks: [{ name: 'plugins.screen.ScreenHook', configuration: null }] }, ['SEE_INVALID hooks.json: hooks.0.configuration']],
    ['a hook of own making', { hooks: [{ name: 'mine.Detonate' }] }, ['SEE_UNOFFERED hooks.json: hooks.0 (mine.Detonate)']],
    ['a mistyped key', { hooks: [{ name: 'plugins.screen.ScreenHook', configuration: { screenshots_on_event: 'a' } }] }, ['SEE_INVALID hooks.json: hooks.0 (plugins.screen.ScreenHook): screenshots_on_event']],
    ['a general key that nobody reads', { configuration: { result_folder: '/x' }, hooks: [] }, ['SEE_INVALID hooks.json: configuration.result_folder']],
    ['an agent without a port', { hooks: [{ name: 'plugins.commands.CommandsHook', configuration: { agent_port: 80 } }] }, ['SEE_INVALID hooks.json: hooks.0 (plugins.commands.CommandsHook): agent-port', 'SEE_INVALID hooks.json: hooks.0 (plugins.commands.CommandsHook): agent_port']],
    ['seconds as text', { hooks: [{ name: 'plugins.timers.TimersHook', configuration: { timers: { poke: 'soon' } } }] }, ['SEE_INVALID hooks.json: hooks.0 (plugins.timers.TimersHook).timers.poke']],
    ['an event that has no usable name', { hooks: [{ name: 'plugins.screen.ScreenHook', configuration: { screenshot_on_event: 'when it hurts' } }] }, ['SEE_INVALID hooks.json: hooks.0 (plugins.screen.ScreenHook).screenshot_on_event']],
    ...['memory.VolatilityHook', 'disk.DiskStateAnalyser', 'network.NetworkAnalysisHook'].map((name): [string, unknown, string[]] => [name, { hooks: [{ name: `plugins.${name}` }] }, [`SEE_UNOFFERED hooks.json: hooks.0 (plugins.${name})`]]),
  ])('is refused with %s', (_, document, mistakes) => {
    const translation = read(document);
    expect(told(translation)).toEqual(mistakes);
    for (const { fix } of translation.mistakes) expect(fix).not.toBe('');
  });

  it('leaves out what it is asked to, and nothing that is not there', () => {
    const document = { configuration: { profile: 'Win7' }, hooks: [{ name: 'plugins.memory.VolatilityHook' }, { name: 'mine.Detonate' }] };
    const translation = read(document, ['VolatilityHook', 'mine.Detonate']);
    expect(told(translation)).toEqual([]);
    expect(translation.notes.filter(({ kind }) => kind === 'omitted')).toHaveLength(2);
    expect(told(read({ hooks: [] }, ['VolatilityHook']))).toEqual(['SEE_INVALID hooks.json']);
  });

  it("lets a hook's own value win over the general one, and tells so", () => {
    const translation = one('plugins.commands.CommandsHook', { 'agent-port': 1 }, { 'agent-port': 2 });
    expect(translation.declaration?.hooks[0]?.config).toEqual({ port: 1 });
    expect(translation.notes.find(({ where }) => where.endsWith('agent-port'))?.text).toMatch(/1.*2/);
    expect(one('plugins.commands.CommandsHook', { 'agent-port': 2 }, { 'agent-port': 2 }).notes.some(({ where }) => where.endsWith('agent-port'))).toBe(false);
  });

  it('is refused where the sandbox lacks what a hook needs', () => {
    const blind = translated(CONTEXT, { hooks: { hooks: [{ name: 'plugins.screen.ScreenHook', configuration: { screenshot_on_event: 'a' } }] } });
    expect(told(blind)).toEqual(['SEE_INVALID hook Screenshots']);
    const alone = translated(CONTEXT, { files: { 'domain.xml': TEMPLATE.replace(/<interface.*<\/interface>/, '') }, hooks: { hooks: [{ name: 'plugins.commands.CommandsHook', configuration: { 'agent-port': 80 } }] } });
    expect(told(alone)).toEqual(['SEE_INVALID hook SeeAgent']);
  });
});
