/**
 * One catalogue of everything that can be refused: code → HTTP status and the words in both languages.
 * Every text says what happened, why, and what to do. Places in {braces} are filled from the details.
 */
export const catalogue = {
  not_found: [404, '没有找到，或者您无权查看。请核对编号。', 'Not found, or not yours to see. Check the number.'],
  forbidden: [
    403,
    '您的岗位不能做这一步（{action}）。请由有权的岗位办理。',
    'Your post may not do this ({action}). Ask someone whose post may.',
  ],
  unauthenticated: [401, '请先登录。', 'Please sign in first.'],
  sign_in_failed: [
    401,
    '用户名或密码不对。连续输错 5 次将锁定 15 分钟。',
    'Wrong name or password. Five misses lock the account for 15 minutes.',
  ],
  locked: [
    423,
    '账号已锁定，请 {minutes} 分钟后再试，或请安全管理员解锁。',
    'The account is locked. Try again in {minutes} minutes or ask the security administrator.',
  ],
  password_change_required: [403, '请先修改初始密码。', 'Change your initial password first.'],
  weak_password: [
    422,
    '密码太弱：至少 10 位，含大写、小写、数字、符号中的三类，且不与旧密码相同。',
    'Password too weak: at least 10 characters of three classes, and not the old one.',
  ],
  csrf: [403, '请求来源不明，已拒绝。请刷新页面再试。', 'Request of unknown origin refused. Reload the page.'],
  invalid: [422, '填写有误：{issues}', 'Invalid input: {issues}'],
  stale: [
    409,
    '该事项刚刚有人办理过，您看到的不是最新状态。请看过最新情况再定。',
    'Somebody acted on this matter meanwhile. Look at its present state, then decide.',
  ],
  conflict: [409, '编号已被使用，但内容不同。', 'This id is already used with other content.'],
  illegal_step: [409, '当前状态“{state}”不能“{action}”。', 'In state "{state}" the step "{action}" is not possible.'],
  same_person: [403, '回访须由办理人以外的人进行。', 'Follow-up must be done by someone other than the handler.'],
  unit_is_party: [
    422,
    '该单位是本事项当事一方或被反映单位，不能承办。请另选单位。',
    'That unit is a party to this matter or complained of, and cannot handle it. Choose another.',
  ],
  unit_unknown: [422, '没有这个单位，或已撤销。', 'No such unit, or it is closed.'],
  returned_before: [
    409,
    '该单位已退回过一次并经裁定，不得再次退回。',
    'This unit returned the matter before and a ruling was made: no second return.',
  ],
  return_window: [
    409,
    '退回期限（{window}）已过，请办理或申请提级。',
    'The window for returning ({window}) has passed: handle it, or escalate with a reason.',
  ],
  no_level_above: [409, '已在最高一级，不能再上报。', 'Already at the highest level.'],
  no_mediation: [409, '没有正在进行的调解。请先启动调解。', 'No mediation is under way. Begin one first.'],
  mediation_open: [409, '调解还在进行。请先终结调解。', 'The mediation is still under way. End it first.'],
  not_mediated: [409, '只有矛盾纠纷可以启动人民调解。', 'Only disputes are mediated.'],
  not_a_success: [
    409,
    '调解没有达成协议，不能按“已解决”反馈。请如实选择结果。',
    'No agreement was reached: this cannot be reported as resolved.',
  ],
  sides_needed: [
    422,
    '调解需要双方当事人。请在事项页“增加当事人”补上申请人或对方。',
    'A mediation needs both sides. Add the missing side first.',
  ],
  referrer_needed: [422, '移送调解须写明由哪里移送；其他情形不填。', 'Say who referred it, and only then.'],
  routes_needed: [
    422,
    '请书面告知可走的仲裁、行政、诉讼途径（人民调解法第二十六条），再终结。',
    'Tell the sides in writing which routes are open (art. 26), then end it.',
  ],
  no_such_side: [
    422,
    '第 {clause} 条所写的人不是本次调解的当事人。请从当事人中选择。',
    'Whoever clause {clause} names is no side of this mediation. Choose one of the sides.',
  ],
  not_your_side: [403, '您只能代表自己这一方。', 'You may speak for your own side only.'],
  mediator_gone: [
    409,
    '该调解员已在名单中，或已回避、谢绝。请另选。',
    'That mediator is listed already, or has declined or been recused. Choose another.',
  ],
  no_such_mediator: [
    409,
    '没有这位调解员，或其已答复、已回避。',
    'No such mediator here, or they have answered or been recused.',
  ],
  consent_needed: [409, '须各方当事人都同意调解（人民调解法第十七条）。', 'Every side must consent first (art. 17).'],
  rights_needed: [
    409,
    '须先向各方告知权利义务（人民调解法第二十三条）。',
    'Every side must be told its rights first (art. 23).',
  ],
  mediator_needed: [
    409,
    '还没有调解员接受本次调解。请先选择或指派。',
    'No mediator has accepted yet. Choose or assign one.',
  ],
  date_wrong: [422, '日期不对，请核对。', 'The date cannot be right. Check it.'],
  no_such_sitting: [409, '没有这场调解，或它已结束。', 'No such sitting, or it has ended.'],
  minutes_changed: [
    409,
    '这一条笔录刚被别人改过。您写的还在输入框里，请看过现在的内容再保存。',
    'Somebody changed this line meanwhile. What you typed is still there; look at the present text, then save.',
  ],
  agreement_in_force: [409, '协议已生效，不能再改。', 'The agreement is in force and cannot be changed.'],
  no_agreement: [409, '还没有协议。请先拟定。', 'There is no agreement yet. Write it first.'],
  agreement_changed: [
    409,
    '协议内容已改，请看过新文本再签。',
    'The agreement was changed. Read the new text, then sign.',
  ],
  clauses_incomplete: [422, '每一条款都要有文字。', 'Every clause needs its words.'],
  money_mismatch: [
    422,
    '第 {clause} 条：各期合计 {sum} 元，与总额 {total} 元不符。',
    'Clause {clause}: the instalments make {sum}, the total says {total}.',
  ],
  dates_out_of_order: [422, '第 {clause} 条：分期日期先后颠倒。', 'Clause {clause}: the instalments are out of order.'],
  sign_way: [422, '这种协议不能这样签。', 'This agreement is not signed that way.'],
  picture_needed: [
    422,
    '请附签名、指印图片或签字页扫描件。',
    'Add the picture of the signature or fingerprint, or the scan.',
  ],
  signed_before: [409, '这一方已经签过。', 'Signed already.'],
  not_in_force: [409, '协议尚未生效，还缺签署。', 'The agreement is not in force: signatures are missing.'],
  paid_too_much: [422, '超过这一期尚欠的 {left} 元。', 'More than the {left} yuan still owed of this instalment.'],
  nothing_owed: [409, '这一期已付清，或已按违约处理。', 'Nothing is owed of it, or the breach is on record.'],
  not_confirmed: [
    409,
    '未经司法确认的协议不能直接申请强制执行。',
    'Only a confirmed agreement can be enforced at once.',
  ],
  not_confirmable: [422, '不能申请司法确认：{why}。', 'Confirmation cannot be asked for: {why}.'],
  asked_before: [409, '已经申请过司法确认。', 'Confirmation was asked for already.'],
  not_asked: [409, '没有等待结果的司法确认申请。', 'No application for confirmation is waiting.'],
  filed_before: [409, '卷宗已归档。要改先调卷重开。', 'The dossier is filed. Open it on record to change it.'],
  not_filed: [409, '卷宗没有归档。', 'The dossier is not filed.'],
  docked_before: [409, '已移送该单位，正等对方答复。', 'Handed to them already; their answer is awaited.'],
  no_such_dock: [409, '没有这次对接，或这一步不能这样走。', 'No such docking, or it cannot go that way.'],
  not_theirs: [403, '请由接收单位办理。', 'The unit it was handed to says so itself.'],
  dossier_incomplete: [422, '卷宗还缺：{missing}。补齐后再归档。', 'The dossier still lacks: {missing}.'],
  pay_settled: [
    409,
    '这一月的补贴已审核或批准，不能再改。',
    'That month has been reviewed or approved and cannot be changed.',
  ],
  pay_step: [409, '补贴表现在不能走这一步。', 'The batch cannot take this step now.'],
  pay_appealed: [409, '还有 {count} 条异议没有答复。', '{count} appeals are not answered yet.'],
  hearing_open: [409, '已有一场听证待开。', 'A hearing is called already.'],
  no_such_hearing: [409, '没有这场听证，或它已结束。', 'No such hearing, or it is over.'],
  one_chair: [422, '听证须有且只有一名主持人。', 'A hearing has exactly one chair.'],
  rule_stands: [
    409,
    '从这一天起已有规则，定下的版本不能改写。请另定生效日期。',
    'A rule begins on that day already, and versions once set stay. Choose another day.',
  ],
  clock_too_long: [
    422,
    '县里的时限只能缩短、不能超过“{basis}”规定的时限，起算点也须相同。',
    'A county may only shorten what "{basis}" gives, counted from the same start.',
  ],
  too_many_representatives: [
    422,
    '多人走访应推选代表，人数不超过 5 人（信访工作条例第二十条）。',
    'A joint visit names at most 5 representatives (art. 20).',
  ],
  merge_self: [422, '事项不能与自己合并或关联。', 'A matter cannot be linked to or merged with itself.'],
  file_type: [
    415,
    '不接收这种文件（按内容判断为 {type}）。可用：图片、PDF、Word、Excel、音频、视频。',
    'This kind of file is not accepted (content looks like {type}).',
  ],
  file_too_large: [413, '文件超过 {limit}，请压缩或分开上传。', 'The file is larger than {limit}.'],
  rate_limited: [429, '操作太频繁，请 {seconds} 秒后再试。', 'Too many requests. Try again in {seconds} seconds.'],
  no_suspension: [
    409,
    '该事项的这一环节不能因此中止计时（法律未规定）。',
    'Its law does not let the clock stand still here on that ground.',
  ],
  clock_stands: [409, '时限已中止，请先恢复计时。', 'The clock stands still: resume it first.'],
  no_extension: [409, '这类事项不能延期。', 'Matters of this kind cannot be extended.'],
  extended_before: [
    409,
    '本环节已延期或正在申请延期，不能再次申请。',
    'It was extended already, or an extension is being asked for.',
  ],
  asked_too_late: [409, '延期须在期限届满前申请。', 'An extension must be asked for before the end.'],
  extension_too_long: [422, '最多可延长 {most}（{unit}）。', 'The longest extension is {most} ({unit}).'],
  reason_needed: [422, '改变系统评定的等级须写明理由。', 'Deciding another grade than the points give needs a reason.'],
  no_review: [409, '该事项没有可复查的答复意见。', 'There is no answer on this matter that could be reviewed.'],
  review_window: [
    409,
    '申请复查、复核的 30 日已过（信访工作条例第三十五、三十六条）。',
    'The 30 days to ask for a review have passed (art. 35, 36).',
  ],
  review_exhausted: [
    409,
    '已经复核，同一事实和理由不再受理（信访工作条例第三十六条）。',
    'It was re-examined: the same facts are not accepted again (art. 36).',
  ],
  drive_empty: [422, '没有符合条件的事项，无法成立专班。请调整筛选条件。', 'No matter fits: loosen the filter.'],
  drive_too_large: [
    422,
    '一个专班最多 {most} 件，请缩小范围。',
    'A drive holds at most {most} matters: narrow the filter.',
  ],
  border_before: [
    409,
    '该事项已是跨界共办件或协办件。',
    'This matter is across a border already, or a part of another.',
  ],
  border_place: [422, '请指明对方的乡镇（街道）。', 'Name the township on the other side.'],
  border_same: [422, '对方须在另一个县（市、区）。', 'The other side must lie in another county.'],
  border_none: [409, '该事项没有可办的跨界共办。', 'There is no other side to this matter.'],
  border_open: [
    409,
    '跨界共办件须双方都同意办结。请先表明同意，并等待对方。',
    'Both sides must agree before either closes.',
  ],
  no_such_order: [409, '没有待您单位回复的这一督办。', 'Your unit owes no reply to that order.'],
  part_of_part: [409, '协办件不能再次吹哨，请向主办单位提出。', 'A part cannot call others; ask the leading unit.'],
  called_before: [409, '该单位已在办理或已被呼叫。', 'That unit holds the matter or was called already.'],
  no_such_part: [409, '没有这个在办的协办件。', 'There is no such open part.'],
  parts_open: [
    409,
    '还有 {count} 个协办件未办完，主办件不能反馈。',
    '{count} parts are still open: the whole cannot report yet.',
  ],
  no_such_paper: [409, '没有等待这一步的文稿。', 'No paper waits for this step.'],
  not_signer: [403, '这一步（{step}）须由领导办理。', 'This step ({step}) is for a leader.'],
  four_eyes: [
    403,
    '审核、签发须由拟稿人以外的人办理。',
    'Review and signature are for somebody other than the author.',
  ],
  number_needed: [422, '缺少文号。', 'The document number is missing.'],
  unsigned: [409, '须先经审签的文书，才能发出。', 'A paper that went through its signatures must be there first.'],
  erased: [
    410,
    '内容已依法删除，仅存办理记录。',
    'The content was erased as the law asks; the record of handling remains.',
  ],
  administrators_apart: [
    422,
    '系统、安全、审计三员须分设：管理员不得兼任其他岗位，密码和第二重验证只能在服务器上重置（npx yuandian admin reset-password）。',
    'The three administrators are apart: an administrator holds no other post, and password and factors are reset at the server only (npx yuandian admin reset-password).',
  ],
  last_administrator: [
    422,
    '这是该类管理员中的最后一人。请先设好另一人，再停用或结束。',
    'This is the last administrator of this kind. Set up another first.',
  ],
  post_without_substitute: [
    422,
    '该岗位没有接替人（AB 岗），不能结束。请先指定接替人。',
    'This post has no substitute and cannot end. Name one first.',
  ],
  substitute_not_admitted: [
    422,
    '有 {count} 件敏感事项要移交，接替人须可办敏感事项。请另选，或先请安全管理员授权。',
    '{count} sensitive matters are handed over: the substitute must be one who may open such. Choose another, or ask the security administrator first.',
  ],
  substitute_unfit: [
    422,
    '代岗人须是同一单位在岗的同事，接替人须是本县在岗人员；管理员、审计员只能由同类人员代替。请另选。',
    'Whoever acts must be a colleague of the same unit, whoever takes over must hold a post in the county; an administrator or auditor only for one of the same kind. Choose another.',
  ],
  unit_has_posts: [
    409,
    '该单位还有 {count} 个在任岗位，不能撤销。请先结束或调整这些岗位。',
    'The unit still has {count} posts. End or move them first, then close it.',
  ],
  import_unreadable: [
    422,
    '文件读不出来：{reason}。请用 Excel 另存为 .xlsx 或 UTF-8/GBK 的 .csv 再试。',
    'The file cannot be read: {reason}. Save it as .xlsx or .csv and try again.',
  ],
  import_columns: [
    422,
    '缺少必需的列：{missing}。请在对应表里指明是哪一列。',
    'Required columns are not mapped: {missing}.',
  ],
  already_running: [
    503,
    '该数据目录已有一个原点在运行（进程 {pid}）。',
    'Yuandian already runs in this data directory (process {pid}).',
  ],
  no_embedded_postgres: [
    500,
    '本平台没有内置数据库（{package}）。请设 DATABASE_URL 使用 PostgreSQL 15 以上服务器。',
    'No embedded database for this platform ({package}). Set DATABASE_URL to a PostgreSQL ≥ 15 server.',
  ],
  initdb_failed: [500, '内置数据库初始化失败：{output}', 'initdb failed: {output}'],
  postgres_not_up: [
    500,
    '数据库没有启动（{reason}），日志在 {log}。',
    'The database did not come up ({reason}); see {log}.',
  ],
  postgres_too_old: [
    500,
    '数据库版本 {version} 太旧，需要 PostgreSQL 15 以上。',
    'PostgreSQL {version} is too old; 15 or later is needed.',
  ],
  role_not_creatable: [
    500,
    '数据库账号不能建立应用角色：{reason}。请授予 CREATEROLE。',
    'The database user cannot create the application role: {reason}. Grant it CREATEROLE.',
  ],
  migration_changed: [
    500,
    '已执行过的迁移 {name} 被改动。迁移只增不改。',
    'Migration {name} was changed after it ran. Migrations are only added.',
  ],
  settings: [500, '环境变量有误：{issues}', 'Wrong settings: {issues}'],
  key_missing: [
    500,
    '缺少密钥版本 {version}。请从备份恢复 secrets/keys.json。',
    'Key version {version} is missing. Restore secrets/keys.json from its backup.',
  ],
  backup_external: [
    500,
    '外部数据库请用 pg_dump 或 pgBackRest 备份；本命令只备份内置数据库。',
    'Back up a server database with pg_dump or pgBackRest; this command is for the embedded one.',
  ],
  restore_not_empty: [
    500,
    '目标目录 {directory} 不是空的，恢复会覆盖数据。请换一个空目录。',
    'The directory {directory} is not empty. Restore into an empty one.',
  ],
  other_hands: [
    403,
    '须由提出人以外的人办理，同一人不能办两步。',
    'Somebody else must do this: one person does not take two of these steps.',
  ],
  place_code_taken: [409, '这个编码已用于另一个点位。请核对编码。', 'Another place has this code. Check it.'],
  only_enterprises: [422, '只有企业可以列为重点监管单位。', 'Only enterprises are listed.'],
  listing_open: [409, '该企业已有正在办理或有效的列管。', 'A listing of this enterprise is under way or in force.'],
  listing_step: [
    409,
    '当前状态（{state}）不能这样办理。先听取企业意见，再决定；列管后可申诉一次。',
    'Not possible in state {state}: hear the enterprise first, then decide; once listed it may appeal once.',
  ],
  only_cameras: [422, '只能申请调取视频监控的录像。', 'Footage is asked of cameras only.'],
  footage_step: [409, '申请的当前状态（{state}）不能这样办理。', 'Not possible while the request is {state}.'],
  no_rule: [422, '重复规则“{rule}”无法识别。', 'The recurrence rule "{rule}" cannot be read.'],
  duty_step: [409, '任务的当前状态（{state}）不能这样办理。', 'Not possible while the duty is {state}.'],
  team_too_small: [
    422,
    '{name}在册 {count} 人，不足 {strength} 人。请先补充队员。',
    '{name} has {count} members, fewer than {strength}. Add members first.',
  ],
  not_on_duty: [
    422,
    '换班双方须是该队队员，一方在班、另一方不在班，且时间不冲突。',
    'A swap takes one who is on and one who is not, of the same team, without a clash of times.',
  ],
  no_such_duty: [404, '没有这项任务，或不归您负责。', 'No such duty, or it is not yours.'],
  device_ended: [
    401,
    '这部手机已退出或被注销，请重新登录。未发送的内容还在。',
    'This phone was signed out or revoked. Sign in again; what was not sent is still there.',
  ],
  file_missing: [409, '文件还没有传完，传完后自动继续。', 'The file has not arrived whole yet; it goes on by itself.'],
  sealed_wrong: [422, '内容无法打开，不是发给本系统的。', 'This was not sealed to this system and cannot be opened.'],
  too_old: [
    409,
    '记录时间超过 7 天，不能按当时的岗位补报。内容已留存，请到电脑端核对后提交。',
    'Written more than 7 days ago: it cannot be taken by the post of that time. It is kept; submit it from the desk.',
  ],
  not_a_hazard: [409, '只有隐患可以责令整改。', 'Only hazards are ordered to be rectified.'],
  two_officers: [
    422,
    '责令整改须由两名持证执法人员共同作出，下令人是其中之一，证件须在有效期内。',
    'An order to rectify takes two officers with valid certificates; who gives it is one of them.',
  ],
  not_ordered: [409, '还没有责令整改，或本次整改已完成。', 'No order to rectify stands open.'],
  not_rectified: [409, '还没有登记整改完成。', 'Nothing was rectified since the last order.'],
  no_photo: [422, '请先上传整改后的照片。', 'Attach a photograph of the rectified place first.'],
  not_inspected: [
    409,
    '隐患须经整改人以外的人复查合格，才能反馈办结。',
    'A hazard is reported back only after somebody else has found it removed.',
  ],
  portal_closed: [
    403,
    '本县还没有开通网上反映。请到综治中心窗口或拨打热线。',
    'This county takes nothing in online yet. Come to the window or call the hotline.',
  ],
  work_needed: [
    428,
    '页面打开太久或校验没有完成，请再按一次“提交”，填写的内容都在。',
    'The check of the page has expired. Press once more; everything you typed is still there.',
  ],
  queue_full: [
    503,
    '现在提交的人很多，正在排队。填写的内容都在，请 {seconds} 秒后再按一次。',
    'Many people send at this moment. Nothing is lost: press again in {seconds} seconds.',
  ],
  name_needed: [
    422,
    '这类事项须实名：请填写姓名和电话。信息加密保存，只有经办人能看。',
    'Matters of this kind need a name and a phone. Both are sealed; only those who handle it can see them.',
  ],
  phone_code_needed: [428, '请先用短信验证码确认手机号。', 'Confirm your phone by the code first.'],
  phone_code_wrong: [
    422,
    '验证码不对或已过期。可以重新获取。',
    'That code is wrong or has expired. Ask for a new one.',
  ],
  booked_out: [409, '这一时段刚被约满，请另选。', 'That time has just been taken. Choose another.'],
  not_published: [409, '当前状态（{state}）不能这样办理。', 'Not possible while it is {state}.'],
  names_inside: [
    422,
    '公开的文字里还有电话、证件号或当事人姓名（{found}）。请删去再提交审核。',
    'The public text still holds a phone, a number or the name of a party ({found}). Take it out first.',
  ],
  few_figures: [422, '数量太少，公开会让人认出个人。', 'Too few to be shown: somebody could be recognised.'],
  wish_taken: [409, '这个心愿刚被别人认领。', 'Somebody has just taken this wish.'],
  review_closed: [409, '评议不在进行期间。', 'The review is not open now.'],
  ticket_used: [409, '这张评议票已经用过。', 'This ticket was used already.'],
  ballot_wrong: [422, '选票无效。请从头打开评议链接。', 'The ballot is not valid. Open the link of the review anew.'],
  peer_unknown: [403, '不认识发来的单位，或其密钥已停用。', 'The sender is not known here, or its key has ended.'],
  package_wrong: [
    422,
    '数据包打不开：不是发给本系统的，或签名不对，或已被改动。',
    'This package was not made for this system, or its signature does not hold.',
  ],
  template_places: [
    422,
    '模板里的 {places} 不能用。这里只能用：{allowed}。',
    'These places do not exist in this template: {places}. It may use: {allowed}.',
  ],
  address_refused: [422, '不能向这个地址推送：{reason}。', 'Nothing may be pushed to that address: {reason}.'],
  must_be_kept: [
    409,
    '现在还不能删除：{why}（open：事项还在办理；dossier：调解卷宗在法定保管期内）。请说明理由答复当事人。',
    'It cannot be erased yet ({why}: still handled, or a dossier within its years). Answer with the reason.',
  ],
  second_factor: [401, '还需要第二重验证。', 'A second factor is needed.'],
  factor_wrong: [
    401,
    '验证码不对、已用过或已过期。连续输错 5 次将锁定 15 分钟。',
    'That code is wrong, used or too old. Five misses lock the account for 15 minutes.',
  ],
  enrol_first: [
    403,
    '您的岗位须启用第二重验证（动态口令或通行密钥）。请先到“我的账号”设置。',
    'Your post needs a second factor. Set up a one-time code or a passkey in your account first.',
  ],
  oidc_refused: [
    403,
    '统一身份认证没有通过（{reason}）。请用账号密码登录，或请系统管理员核对账号。',
    'Signing in through the identity provider failed ({reason}). Use your password, or ask the administrator.',
  ],
  internal: [
    500,
    '系统出错，已记录（{request}）。您填写的内容没有丢失，请稍后再试。',
    'Something broke on our side and is on record ({request}). Nothing you typed is lost; try again.',
  ],
} as const satisfies Record<string, readonly [number, string, string]>;

export type Code = keyof typeof catalogue;
export type Language = 'zh' | 'en';
export type Refusal = { code: Code; details?: Record<string, unknown> };

export function messageOf(code: Code, details: Record<string, unknown> = {}, language: Language = 'zh'): string {
  return catalogue[code][language === 'zh' ? 1 : 2].replace(/\{(\w+)\}/g, (_, key) => String(details[key] ?? '—'));
}

/** A refusal on its way out of a route, a job or the command line. */
export class Failure extends Error {
  readonly code: Code;
  readonly details: Record<string, unknown>;
  constructor(code: Code, details: Record<string, unknown> = {}) {
    super(messageOf(code, details, 'en'));
    this.code = code;
    this.details = details;
  }
  get status(): number {
    return catalogue[this.code][0];
  }
}

/** What a shape did not accept, each place by its name. */
export const invalid = (error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] }): Failure =>
  new Failure('invalid', {
    issues: error.issues.map(issue => `${issue.path.map(String).join('.') || 'body'}: ${issue.message}`).join('；'),
  });
