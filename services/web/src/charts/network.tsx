// Nodes and what joins them, laid out and drawn by us: springs between what is joined, and all push each other away. It is walked
// by keyboard: left and right among equals, down to what a node is joined with, up to where one came from, Enter opens.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';

export interface Node { id: string; name: string; kind: 'partner' | 'site'; degree: number; text: string; href: string }
export interface Edge { from: string; to: string; weight: number }
export interface Spot { x: number; y: number }

const W = 960;
const H = 640;
const ROUNDS = 220;
const LETTER = 8; // how wide one is, about
const LINE = 22;

/** After Fruchterman and Reingold (1991), from a spiral by degree, so that the same nodes always lie alike. */
export function layOut(nodes: Node[], edges: Edge[]): Spot[] {
  const index = new Map(nodes.map((node, n) => [node.id, n]));
  const spots = nodes.map((_, n) => { const [angle, far] = [n * 2.39996, Math.sqrt((n + 0.5) / nodes.length)]; return { x: W / 2 + Math.cos(angle) * far * W * 0.42, y: H / 2 + Math.sin(angle) * far * H * 0.42 }; });
  const ties = edges.flatMap((edge) => { const [a, b] = [index.get(edge.from), index.get(edge.to)]; return a === undefined || b === undefined ? [] : [[a, b] as const]; });
  const want = 0.8 * Math.sqrt((W * H) / Math.max(1, nodes.length));
  for (let round = 0; round < ROUNDS; round++) {
    const heat = (W / 12) * (1 - round / ROUNDS);
    const moves = spots.map(() => ({ x: 0, y: 0 }));
    const push = (a: number, b: number, force: (far: number) => number) => {
      const [dx, dy] = [spots[a]!.x - spots[b]!.x, spots[a]!.y - spots[b]!.y];
      const far = Math.max(1, Math.hypot(dx, dy));
      const by = force(far) / far;
      moves[a]!.x += dx * by; moves[a]!.y += dy * by; moves[b]!.x -= dx * by; moves[b]!.y -= dy * by;
    };
    for (let a = 0; a < spots.length; a++) for (let b = a + 1; b < spots.length; b++) push(a, b, (far) => (want * want) / far);
    for (const [a, b] of ties) push(a, b, (far) => -(far * far) / want);
    spots.forEach((spot, n) => {
      const move = moves[n]!;
      move.x += (W / 2 - spot.x) * 0.4; move.y += (H / 2 - spot.y) * 0.6;
      const far = Math.max(1, Math.hypot(move.x, move.y));
      spot.x += (move.x / far) * Math.min(far, heat);
      spot.y += (move.y / far) * Math.min(far, heat);
    });
  }
  const fit = (values: number[], size: number, edge: number) => { const [low, high] = [Math.min(...values), Math.max(...values)]; return (value: number) => (high > low ? edge + ((value - low) / (high - low)) * (size - 2 * edge) : size / 2); };
  const [x, y] = [fit(spots.map((spot) => spot.x), W, 40), fit(spots.map((spot) => spot.y), H, 28)];
  return spots.map((spot) => ({ x: x(spot.x), y: y(spot.y) }));
}

const sizeOf = (node: Node) => 4 + Math.sqrt(node.degree) * 2.6;
const anchorOf = (spot: Spot) => (spot.x < 160 ? 'start' : spot.x > W - 160 ? 'end' : 'middle');

/** Whose names are written, of those that come first if they would lie on each other. */
function namedOf(nodes: Node[], spotOf: (id: string) => Spot): Node[] {
  const taken: { left: number; right: number; y: number }[] = [];
  return nodes.filter((node) => {
    const spot = spotOf(node.id);
    const wide = node.name.length * LETTER;
    const left = spot.x - { start: 0, middle: wide / 2, end: wide }[anchorOf(spot)];
    const y = spot.y - sizeOf(node);
    if (taken.some((one) => one.left < left + wide && one.right > left && Math.abs(one.y - y) < LINE)) return false;
    taken.push({ left, right: left + wide, y });
    return true;
  });
}

export function Network({ title, nodes, edges }: { title: string; nodes: Node[]; edges: Edge[] }) {
  const { route } = useLocation();
  const spots = useMemo(() => layOut(nodes, edges), [nodes, edges]);
  const joined = useMemo(() => {
    const all = new Map(nodes.map((node) => [node.id, [] as string[]]));
    for (const edge of edges) { all.get(edge.from)?.push(edge.to); all.get(edge.to)?.push(edge.from); }
    return all;
  }, [nodes, edges]);
  const [trail, walk] = useState<string[]>([]); // where one is last, and how one came there
  const [looked, look] = useState<string>();
  const svg = useRef<SVGSVGElement>(null);
  const here = trail.at(-1) ?? nodes[0]?.id;
  const byKey = useRef(false);
  useEffect(() => walk([]), [nodes]);
  useEffect(() => { if (byKey.current) svg.current?.querySelector<SVGAElement>('[tabindex="0"]')?.focus(); byKey.current = false; }, [here]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!here) return;
    const from = trail.at(-2);
    const equals = from ? joined.get(from)! : nodes.map((node) => node.id);
    const step = (by: number) => [...trail.slice(0, -1), equals[(equals.indexOf(here) + by + equals.length) % equals.length]!];
    const [first] = joined.get(here)!.filter((id) => id !== from);
    const steps: Record<string, () => string[] | undefined> = { ArrowRight: () => step(1), ArrowLeft: () => step(-1), ArrowDown: () => (first ? [...(trail.length ? trail : [here]), first] : undefined),
      ArrowUp: () => (trail.length > 1 ? trail.slice(0, -1) : undefined), Home: () => [nodes[0]!.id] };
    const next = steps[event.key]?.();
    if (event.key === 'Enter') { event.preventDefault(); route(nodes.find((node) => node.id === here)!.href); }
    if (!steps[event.key]) return;
    event.preventDefault();
    if (next) { byKey.current = true; walk(next); }
  };
  const near = new Set(trail.length ? [here, ...joined.get(here!) ?? []] : []);
  const at = new Map(nodes.map((node, n) => [node.id, spots[n]!]));
  const first = (node: Node) => Number(node.id === looked || (near.size > 0 && node.id === here));
  const written = nodes.filter((node) => !near.size || near.has(node.id) || first(node)).sort((one, other) => first(other) - first(one));
  return (
    <div class="network-frame">
      <svg ref={svg} class={near.size ? 'network walked' : 'network'} viewBox={`0 0 ${W} ${H}`} role="group" aria-label={title} onKeyDown={onKeyDown}>
        <g aria-hidden="true">{edges.map((edge) => { const [a, b] = [at.get(edge.from), at.get(edge.to)]; return a && b && (
          <line key={edge.from + edge.to} class={here && trail.length && (edge.from === here || edge.to === here) ? 'tie near' : 'tie'} x1={a.x} y1={a.y} x2={b.x} y2={b.y} stroke-width={Math.min(5, 0.75 + edge.weight * 0.75)} />); })}</g>
        {nodes.map((node, n) => {
          const spot = spots[n]!;
          const size = sizeOf(node);
          return (
            <g key={node.id} class={`node ${node.kind}${near.has(node.id) ? ' near' : ''}`} transform={`translate(${spot.x.toFixed(1)} ${spot.y.toFixed(1)})`}>
              <a href={node.href} tabIndex={node.id === here ? 0 : -1} aria-label={node.text} onFocus={() => { if (here !== node.id || !trail.length) walk([node.id]); }}
                onPointerEnter={() => look(node.id)} onPointerLeave={() => look(undefined)}
                onClick={(event) => { if (event.metaKey || event.ctrlKey || event.shiftKey) return; event.preventDefault(); route(node.href); }}>
                {node.kind === 'site' ? <rect x={-size} y={-size} width={size * 2} height={size * 2} rx="2" /> : <circle r={size} />}
              </a>
            </g>);
        })}
      </svg>
      <div class="network-names" aria-hidden="true">{namedOf(written, (id) => at.get(id)!).map((node) => { const spot = at.get(node.id)!; return (
        <span key={node.id} class={near.has(node.id) || looked === node.id ? `${anchorOf(spot)} near` : anchorOf(spot)} style={{ left: `${(100 * spot.x) / W}%`, top: `${(100 * (spot.y - sizeOf(node))) / H}%` }}>{node.name}</span>); })}</div>
    </div>
  );
}
