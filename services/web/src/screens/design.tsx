// The parts of which all screens are made, in all their states; not in production.
import { Badge, Button, Card, Dialog, Empty, Menu, Notice, Tabs, Title, Waiting } from '../ui/parts';
import { useState } from 'preact/hooks';
import { Icon, type IconName } from '../ui/icons';
import { Input } from '../records/input';
import { Line } from '../charts/line';
import { Bars } from '../charts/bars';
import { tell } from '../ui/toast';
import type { Field } from '../lib/model';

const FIELDS: Field[] = [
  { name: 'name', kind: 'text', required: true }, { name: 'description', kind: 'long', doc: 'What it is to be known for.' }, { name: 'kind', kind: 'enum', values: ['business', 'nonprofit'] },
  { name: 'starts_on', kind: 'date' }, { name: 'value_cents', kind: 'money' }, { name: 'in_directory', kind: 'bool' }, { name: 'partner_id', kind: 'id', ref: 'partners' },
  { name: 'funding_types', kind: 'list', item: { name: '', kind: 'enum', values: ['federal', 'state', 'local'] } },
];
const COLORS = ['ink', 'quiet', 'paper', 'ground', 'line', 'edge', 'accent', 'accent-deep', 'accent-pale', 'good', 'bad', 'warn'];
const ICONS: IconName[] = ['home', 'chart', 'partner', 'school', 'need', 'link', 'check', 'people', 'survey', 'heart', 'mail', 'gear', 'search', 'menu', 'more', 'import'];

export function Design() {
  const [isOpen, setOpen] = useState(false);
  const [values, set] = useState<Record<string, unknown>>({});
  return (
    <>
      <Title actions={<><Button>Quiet</Button><Button kind="primary" onClick={() => tell('Saved.', () => {})}>Primary</Button></>} of={<Badge value="active" />}>Design</Title>
      <Tabs current="a" tabs={[{ id: 'a', text: 'Parts', href: '#' }, { id: 'b', text: 'Others', href: '#b', count: 3 }]} />
      <Card id="colors" title="Colors"><ul class="swatches">{COLORS.map((one) => <li key={one}><span class={`swatch ${one}`} />{one}</li>)}</ul></Card>
      <Card id="buttons" title="Buttons, badges, icons" actions={<Menu text="Menu"><button type="button">One</button><button type="button">Other</button></Menu>}>
        <p class="buttons"><Button kind="primary">Primary</Button><Button>Quiet</Button><Button kind="danger">Danger</Button><Button kind="bare">Bare</Button><Button disabled>Disabled</Button>
          <Button busy>Busy</Button><Button onClick={() => setOpen(true)}>Dialog</Button></p>
        <p>{['active', 'draft', 'overdue', 'partner'].map((one) => <Badge key={one} value={one} />)}</p>
        <p>{ICONS.map((one) => <Icon key={one} name={one} />)}</p>
      </Card>
      <Card id="fields" title="Fields">{FIELDS.map((field, n) => <Input key={field.name} field={field} value={values[field.name]} fault={n === 1 ? 'This is too short.' : undefined} onChange={(value) => set({ ...values, [field.name]: value })} />)}</Card>
      <Card id="charts" title="Charts">
        <Line title="Attendance" points={[['2026-09-01', 0.91], ['2026-10-01', 0.93], ['2026-11-01', 0.9]].map(([x, y]) => ({ label: String(x), value: Number(y) }))} format={(value) => `${Math.round(value * 100)} %`} target={0.92} />
        <Bars title="Hours" bars={[{ label: 'Partners', value: 120 }, { label: 'District', value: 80 }]} format={String} />
      </Card>
      <Card id="states" title="States"><Waiting /><Empty title="Nothing yet"><p>It comes when somebody writes it.</p></Empty><Notice tone="good">Good</Notice><Notice tone="warn">Careful</Notice><Notice tone="bad">Wrong</Notice></Card>
      {isOpen && <Dialog title="A question" onClose={() => setOpen(false)}><p>Native, so that the focus stays in it.</p></Dialog>}
    </>
  );
}
