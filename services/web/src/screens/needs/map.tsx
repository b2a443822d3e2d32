// Partners and schools, and what joins them today: a map to walk, its figures, and the same as a table.
import { useMemo } from 'preact/hooks';
import { address } from '../../lib/api';
import { useGet } from '../../lib/store';
import * as format from '../../lib/format';
import { label, t } from '../../lib/words';
import { Button, Card, Empty, Notice, Title, Trouble, Waiting } from '../../ui/parts';
import { Network, type Edge, type Node } from '../../charts/network';
import { recordPath } from '../../records/paths';
import { Controls, Export, Pick, useAddress, Ways } from './around';

interface Told { trust: string | null; value: string | null }
interface MapNode { node: 'partner' | 'site'; id: string; name: string; kind: string; degree: number; component: number | null; relationship: Told | null }
interface Graph { as_of: string; partners: number; sites: number; ties: number; components: number; largest_component: number; isolated_partners: number; isolated_sites: number; has_more: boolean;
  nodes: MapNode[]; edges: { partner_id: string; site_id: string; partnerships: number; programs: number }[] }

const DRAWN = 120;
const LISTED = 100;
const COUNTS = ['partners', 'sites', 'ties', 'components', 'isolated_partners', 'isolated_sites'] as const;
const PICKS = [['network_id', 'networks'], ['site_id', 'sites'], ['partner_id', 'partners'], ['focus_area_id', 'focus_areas']] as const;
const hrefOf = (node: MapNode) => recordPath(node.node === 'site' ? 'sites' : 'partners', node.id);

export function NetworkMap() {
  const { query, set, to } = useAddress();
  const chosen = Object.fromEntries(PICKS.map(([name]) => [name, query[name]]));
  const { data, problem, reload } = useGet<Graph>(address('/v1/network_map', chosen));
  return (
    <>
      <Title actions={<><Button onClick={() => print()}>{t('dashboard.print')}</Button><Export name={`network-${data?.as_of}`} head={COLUMNS} rows={() => data!.nodes.map(rowOf)} disabled={!data?.nodes.length} /></>}>{t('map.title')}</Title>
      <Ways at="map" />
      <Controls>{PICKS.map(([name, plural]) => <Pick key={name} name={name} plural={plural} query={query} set={set} />)}</Controls>
      {problem && <Trouble problem={problem} again={reload} />}
      {!data && !problem && <Waiting lines={8} />}
      {data && <dl class="counts">{COUNTS.map((name) => <div key={name}><dd>{format.number(data[name])}</dd><dt>{t(`map.${name}`)}</dt></div>)}</dl>}
      {data?.has_more && <Notice tone="warn">{t('map.more')}</Notice>}
      {data && (data.ties ? <Drawn data={data} /> : <Empty title={t('map.none')}><p>{t('map.none.more')}</p></Empty>)}
      {data && <Listed data={data} all={query.all === 'yes'} more={to({ all: 'yes' })} />}
    </>
  );
}

function Drawn({ data }: { data: Graph }) {
  const { nodes, edges } = useMemo(() => {
    const shown = data.nodes.filter((node) => node.degree > 0).slice(0, DRAWN);
    const known = new Set(shown.map((node) => node.id));
    const ties: Edge[] = data.edges.filter((edge) => known.has(edge.partner_id) && known.has(edge.site_id)).map((edge) => ({ from: edge.partner_id, to: edge.site_id, weight: edge.partnerships + edge.programs }));
    return { edges: ties, nodes: shown.map((node): Node => ({ id: node.id, name: node.name, kind: node.node, degree: node.degree, href: hrefOf(node),
      text: t(node.node === 'site' ? 'map.site' : 'map.partner', { name: node.name, count: node.degree }) })) };
  }, [data]);
  const left = data.nodes.filter((node) => node.degree > 0).length - nodes.length;
  return (
    <Card id="map" title={t('map.drawn')}>
      <p class="hint">{t('map.how')}{left > 0 && ` ${t('map.left', { count: left })}`}</p>
      <p class="legend" aria-hidden="true"><svg viewBox="0 0 16 16" class="key partner"><circle cx="8" cy="8" r="6" /></svg> {label('partner')} <svg viewBox="0 0 16 16" class="key site"><rect x="2" y="2" width="12" height="12" rx="2" /></svg> {label('site')}</p>
      <div class="network-box" tabIndex={-1}><Network title={t('map.drawn')} nodes={nodes} edges={edges} /></div>
    </Card>
  );
}

function Listed({ data, all, more }: { data: Graph; all: boolean; more: string }) {
  const rows = all ? data.nodes : data.nodes.slice(0, LISTED);
  const hasTold = rows.some((node) => node.relationship);
  return (
    <Card id="map-table" title={t('map.table')}>
      <div class="table-box" tabIndex={0} role="group" aria-label={t('map.table')}><table class="rows">
        <thead><tr><th scope="col">{label('name')}</th><th scope="col">{label('kind')}</th><th scope="col" class="number">{t('map.degree')}</th><th scope="col" class="number">{t('map.component')}</th>
          {hasTold && <><th scope="col" class="number">{t('map.trust')}</th><th scope="col" class="number">{t('map.value')}</th></>}</tr></thead>
        <tbody>{rows.map((node) => (
          <tr key={node.node + node.id}><th scope="row"><a href={hrefOf(node)}>{node.name}</a></th><td data-label={label('kind')}>{label(node.node)}, {label(node.kind).toLocaleLowerCase()}</td>
            <td class="number" data-label={t('map.degree')}>{node.degree ? format.number(node.degree) : t('map.alone')}</td><td class="number" data-label={t('map.component')}>{node.component ?? <span class="none">{t('none')}</span>}</td>
            {hasTold && (['trust', 'value'] as const).map((name) => <td key={name} class="number" data-label={t(`map.${name}`)}>{node.relationship?.[name] ? format.number(node.relationship[name]!, 1) : <span class="none">{t('none')}</span>}</td>)}</tr>))}</tbody>
      </table></div>
      {rows.length < data.nodes.length && <p><a href={more}>{t('map.all', { count: data.nodes.length })}</a></p>}
    </Card>
  );
}

const COLUMNS = ['node', 'id', 'name', 'kind', 'degree', 'component', 'trust', 'value'];
const rowOf = (node: Graph['nodes'][number]) => [node.node, node.id, node.name, node.kind, node.degree, node.component, node.relationship?.trust ?? null, node.relationship?.value ?? null];
